import { type ModelInfo, type ModelVersionInfo, RookeryError } from '@rookery/contracts';
import { type ModelVersionFolder, type RegisteredModel, type Registry, rolloutsOf } from '@rookery/models';
import type { HostedModel } from './hosted-model.ts';
import type { ModelHost } from './model-host.ts';

/** Models of the registry, and what of them is in memory. */
export async function listModels(registry: Registry, models: ModelHost): Promise<ModelInfo[]> {
  const registered = await registry.list();
  const known = new Set(registered.map(({ name }) => name));
  const elsewhere = models.loaded().filter(({ resolved }) => !known.has(resolved.name));
  const infos = await Promise.all(registered.map((model) => infoOf(model, registry, models)));
  return [...infos, ...elsewhere.map((hosted) => unregistered(hosted, models))].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** @throws {RookeryError} MODEL_NOT_FOUND */
export async function findModel(name: string, registry: Registry, models: ModelHost): Promise<ModelInfo> {
  const found = (await listModels(registry, models)).find((model) => model.name === name);
  if (found) return found;
  throw new RookeryError('MODEL_NOT_FOUND', { detail: name });
}

async function infoOf(model: RegisteredModel, registry: Registry, models: ModelHost): Promise<ModelInfo> {
  const { name, aliases, targets, versions, damaged, unreadable } = model;
  const current = await registry.resolve(name).then(
    ({ manifest }) => manifest.version,
    () => null,
  );
  const hosted = models.loaded().filter(({ resolved }) => resolved.name === name);
  /** Where the registry lies is not for whoever asks. */
  const withoutPlace = (text: string): string => text.replaceAll(registry.folder, '');
  return {
    name,
    isDefault: isDefault(name, models),
    current,
    aliases: { ...aliases },
    rollouts: rolloutsOf(targets),
    versions: versions.map((version) => versionInfo(version, aliases, hosted)),
    damaged: damaged.map(({ version, reason }) => ({ version, reason: withoutPlace(reason) })),
    ...(unreadable && { error: { code: unreadable.code, message: withoutPlace(unreadable.message) } }),
  };
}

function versionInfo(
  { manifest, builtIn }: ModelVersionFolder,
  aliases: Readonly<Record<string, string>>,
  hosted: readonly HostedModel[],
): ModelVersionInfo {
  const { version, createdAt, variants, defaultVariant, signature, files, metrics = {}, provenance } = manifest;
  return {
    version,
    createdAt,
    builtIn,
    aliases: Object.keys(aliases).filter((alias) => aliases[alias] === version),
    variants: Object.keys(variants),
    defaultVariant,
    classes: signature.output.classes,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    files,
    metrics,
    source: provenance.source,
    ...(provenance.licence !== undefined && { licence: provenance.licence }),
    loaded: hosted.filter(({ resolved }) => resolved.version === version).map(loadedInfo),
  };
}

const loadedInfo = ({ resolved, state, digest, users, answered }: HostedModel): ModelVersionInfo['loaded'][number] => ({
  variant: resolved.variant,
  state,
  digest: digest ?? null,
  graphBytes: resolved.graphBytes,
  users,
  answered,
});

/** A model that was given at start as a file: all that is known is in memory. */
function unregistered(hosted: HostedModel, models: ModelHost): ModelInfo {
  const { name, version, variant, graphBytes } = hosted.resolved;
  return {
    name,
    isDefault: isDefault(name, models),
    current: version,
    aliases: {},
    rollouts: {},
    versions: [
      {
        version,
        createdAt: new Date(0).toISOString(),
        builtIn: false,
        aliases: [],
        variants: [variant],
        defaultVariant: variant,
        classes: hosted.classifier?.labels.length ?? 0,
        sizeBytes: graphBytes,
        files: [],
        metrics: {},
        source: 'a file given at start',
        loaded: [loadedInfo(hosted)],
      },
    ],
    damaged: [],
  };
}

const isDefault = (name: string, { defaultReference }: ModelHost): boolean =>
  defaultReference.split(/[:@]/, 1)[0] === name;
