import { type ModelManifest, type Rollout, RookeryError, type ServingModel } from '@rookery/contracts';
import { parseReference, type Reference, type Registry, type RolloutVerdict, settleRollout } from '@rookery/models';
import { withoutPlace } from './without-place.ts';

/** What a reference means now, before anything large is read. */
export interface ResolvedModel {
  /** `name@version#variant`: equal keys are the same model. */
  readonly key: string;
  readonly name: string;
  readonly version: string;
  readonly variant: string;
  /** Of the graphs that it would hold in memory. */
  readonly graphBytes: number;
  readonly signature: ResolvedSignature;
  load(signal?: AbortSignal): Promise<ServingModel>;
}

/** What goes into a model and what comes out of it. */
export interface ResolvedSignature {
  /** Of the model's input. Pixels. */
  readonly width: number;
  readonly height: number;
  readonly input: ServingModel['input']['type'];
  readonly classes: number;
}

/** Where models come from. */
export interface ModelSource {
  /** @throws {RookeryError} REFERENCE_INVALID, MODEL_NOT_FOUND, MODEL_CORRUPT, MODEL_INVALID, SOURCE_UNREADABLE */
  resolve(reference: string): Promise<ResolvedModel>;
  /** What a reference means now, with what stands beside it. @throws as `resolve` */
  rollout(reference: string): Promise<Rollout>;
  /** Changes the alias as its rules say. Resolves to whether nobody was faster. @throws {RookeryError} STORE_*, ALIAS_CONFLICT */
  settle(rollout: Rollout, verdict: RolloutVerdict): Promise<boolean>;
}

export interface ModelSourceOptions {
  readonly registry: Registry;
  /** A model that lies in no registry, such as a file given at start. Answers to its name, in front of the registry. */
  readonly fixed?: ServingModel | undefined;
  /** Another form than each manifest's default. */
  readonly variant?: string | undefined;
}

/** The registry's models, by the references that requests may name: no paths, no addresses. */
export function modelSource({ registry, fixed, variant }: ModelSourceOptions): ModelSource {
  const parse = (reference: string): Extract<Reference, { kind: 'registry' }> => {
    const parsed = parseReference(reference);
    if (parsed.kind === 'registry') return parsed;
    throw new RookeryError('REFERENCE_INVALID', { detail: `"${reference}" is no name` });
  };
  const asked = <T>(answer: Promise<T>): Promise<T> => withoutPlace(registry, answer);
  const meansFixed = ({ name, version, alias }: ReturnType<typeof parse>): boolean =>
    fixed !== undefined && name === fixed.name && (version ?? fixed.version) === fixed.version && !alias;
  return {
    async rollout(reference) {
      const parsed = parse(reference);
      if (fixed && meansFixed(parsed)) return { name: fixed.name, version: fixed.version };
      return asked(registry.rollout(parsed));
    },
    settle: (rollout, verdict) => settleRollout(registry, rollout, verdict),
    async resolve(reference) {
      const parsed = parse(reference);
      if (fixed && meansFixed(parsed)) return ofModel(fixed);
      const { manifest } = await asked(registry.resolve(parsed));
      const form =
        variant !== undefined && Object.hasOwn(manifest.variants, variant) ? variant : manifest.defaultVariant;
      const { name, version } = manifest;
      return {
        key: keyOf(name, version, form),
        name,
        version,
        variant: form,
        graphBytes: graphBytesOf(manifest, form),
        signature: signatureOf(manifest.preprocessing, manifest.signature),
        load: (signal) => asked(registry.load(`${name}@${version}`, { variant: form, signal })),
      };
    },
  };
}

const keyOf = (name: string, version: string, variant: string): string => `${name}@${version}#${variant}`;

/** A model that is in memory already. */
export const ofModel = (model: ServingModel): ResolvedModel => ({
  key: keyOf(model.name, model.version, model.variant),
  name: model.name,
  version: model.version,
  variant: model.variant,
  graphBytes: 'bytes' in model.graph ? model.graph.bytes.byteLength : 0,
  signature: signatureOf(model.preprocessing, model),
  load: async () => model,
});

const signatureOf = (
  { width, height }: Pick<ServingModel['preprocessing'], 'width' | 'height'>,
  { input, output }: { readonly input: ServingModel['input']; readonly output: ServingModel['output'] },
): ResolvedSignature => ({ width, height, input: input.type, classes: output.classes });

/** Of the variant's file, or of all below its folder. */
export function graphBytesOf(manifest: ModelManifest, variant: string): number {
  const path = manifest.variants[variant]?.path;
  return manifest.files
    .filter((file) => file.path === path || file.path.startsWith(`${path}/`))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
