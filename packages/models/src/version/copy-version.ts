import type { Published } from '../folder/publish.ts';
import type { Reference } from '../reference/reference.ts';
import type { Registry } from '../registry.ts';

export interface CopiedVersion extends Published {
  readonly name: string;
}

/** Copies a version from one registry into another, as it is: the same version, manifest and signatures; every file verified. */
export async function copyVersion(
  from: Registry,
  to: Registry,
  reference: string | Reference,
  options: { readonly alias?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<CopiedVersion> {
  const contents = await from.open(reference);
  const { name } = contents.manifest;
  const published = await to.accept(contents, { signal: options.signal });
  if (options.alias !== undefined) await to.alias(name, options.alias, published.version);
  return { name, ...published };
}
