import { starterFolder } from './built-in.ts';
import { openRegistry } from './folder/open-registry.ts';
import type { Reference } from './reference/reference.ts';
import { parseRegistryAddress, type ReferenceAt } from './reference/registry-address.ts';
import type { Registry } from './registry.ts';
import type { RegistryAtOptions } from './registry-at-options.ts';

/**
 * The registry at a folder or `s3://bucket/prefix`. Nothing is read or loaded before its first use. References that are addresses
 * themselves (`s3://bucket/prefix/name:alias`) are looked up where they point to.
 */
export function openRegistryAt(location: string, options: RegistryAtOptions): Registry {
  const { builtIn, trusted } = options;
  const others = new Map<string, Registry>();
  const openOne = (at: string): Registry =>
    at.includes('://') && !at.startsWith('file://')
      ? lazily(at, options)
      : openRegistry({ folder: at, builtIn: builtIn ?? [starterFolder()], trusted });
  const home = openOne(location);
  const at = (reference: string | Reference): ReferenceAt & { registry: Registry } => {
    const { location: elsewhere, reference: inside } = parseRegistryAddress(reference);
    if (elsewhere === undefined || elsewhere === home.location) return { registry: home, reference: inside };
    const registry = others.get(elsewhere) ?? openOne(elsewhere);
    others.set(elsewhere, registry);
    return { registry, reference: inside };
  };
  return {
    ...home,
    resolve: async (text) => {
      const { registry, reference } = at(text);
      return registry.resolve(reference);
    },
    show: async (text) => {
      const { registry, reference } = at(text);
      return registry.show(reference);
    },
    load: async (text, load) => {
      const { registry, reference } = at(text);
      return registry.load(reference, load);
    },
    rollout: async (text) => {
      const { registry, reference } = at(text);
      return registry.rollout(reference);
    },
    open: async (text) => {
      const { registry, reference } = at(text);
      return registry.open(reference);
    },
    signatures: async (text) => {
      const { registry, reference } = at(text);
      return registry.signatures(reference);
    },
    verify: async (text, signal) => {
      const { registry, reference } = at(text);
      return registry.verify(reference, signal);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([home, ...others.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

/** Commands that only need a folder never load what reaches further. */
function lazily(location: string, options: RegistryAtOptions): Registry {
  let opening: Promise<Registry> | undefined;
  const opened = () => {
    opening ??= import('./remote/open-remote.ts').then(({ openRemote }) => openRemote(location, options));
    return opening;
  };
  return {
    location,
    folder: options.cacheFolder,
    list: async () => (await opened()).list(),
    resolve: async (...args) => (await opened()).resolve(...args),
    show: async (...args) => (await opened()).show(...args),
    load: async (...args) => (await opened()).load(...args),
    publish: async (...args) => (await opened()).publish(...args),
    alias: async (...args) => (await opened()).alias(...args),
    readAlias: async (...args) => (await opened()).readAlias(...args),
    changeAlias: async (...args) => (await opened()).changeAlias(...args),
    rollout: async (...args) => (await opened()).rollout(...args),
    open: async (...args) => (await opened()).open(...args),
    accept: async (...args) => (await opened()).accept(...args),
    signatures: async (...args) => (await opened()).signatures(...args),
    addSignature: async (...args) => (await opened()).addSignature(...args),
    verify: async (...args) => (await opened()).verify(...args),
    remove: async (...args) => (await opened()).remove(...args),
    async [Symbol.asyncDispose]() {
      // What could not be opened was said to whoever asked; there is nothing to close.
      await (await opening?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}
