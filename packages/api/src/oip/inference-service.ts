import { RookeryError } from '@rookery/contracts';
import type { ApiContext } from '../api-context.ts';
import type { PictureWork } from '../serving/picture-work.ts';
import { InferenceStatistics, type ModelStatistics } from './inference/inference-statistics.ts';
import { runInference } from './inference/run-inference.ts';
import { type ModelConfig, type ModelMetadata, modelConfig, modelMetadata } from './model/model-metadata.ts';
import { type IndexedModel, repositoryIndex } from './model/repository-index.ts';
import type { InferenceRequest, InferenceResult } from './tensors/tensor.ts';

/** A model as requests of the protocol name it: `name` may hold an alias (`birds:candidate`), an empty version is the one meant now. */
export interface NamedModel {
  readonly name: string;
  readonly version: string;
}

type Parts = Pick<ApiContext, 'models' | 'registry' | 'limits' | 'top' | 'version' | 'draining'>;

/** The Open Inference Protocol without its transports: what HTTP and gRPC have in common. */
export class InferenceService {
  readonly #context: Parts;
  readonly #statistics = new InferenceStatistics();

  constructor(context: Parts) {
    this.#context = context;
  }

  /** Why it takes no requests now; undefined where it does. */
  get notReady(): string | undefined {
    const { draining, models } = this.#context;
    if (draining.aborted) return 'the service is shutting down';
    return models.ready ? undefined : 'the model is not warm yet';
  }

  serverMetadata(): { readonly name: string; readonly version: string; readonly extensions: readonly string[] } {
    const extensions = [
      'binary_tensor_data',
      'classification',
      'parameters',
      'model_repository',
      'model_configuration',
      'statistics',
    ];
    return { name: 'rookery', version: this.#context.version, extensions };
  }

  /** Whether it is in memory and warm. @throws {RookeryError} MODEL_NOT_FOUND, REFERENCE_INVALID */
  async modelReady(model: NamedModel): Promise<boolean> {
    const { models, draining } = this.#context;
    const { key } = await models.resolve(referenceOf(model));
    return !draining.aborted && models.loaded().some(({ resolved, state }) => resolved.key === key && state === 'warm');
  }

  async modelMetadata(model: NamedModel): Promise<ModelMetadata> {
    return modelMetadata(await this.#context.models.resolve(referenceOf(model)));
  }

  async modelConfig(model: NamedModel): Promise<ModelConfig> {
    const { models, limits } = this.#context;
    return modelConfig(await models.resolve(referenceOf(model)), limits.pictures);
  }

  /** Of one model, or of every one that is in memory. */
  async statistics(model?: NamedModel): Promise<ModelStatistics[]> {
    const { models } = this.#context;
    const meant = model ? [await models.resolve(referenceOf(model))] : models.loaded().map(({ resolved }) => resolved);
    return meant.map(({ name, version }) => this.#statistics.of(name, version));
  }

  repositoryIndex(ready: boolean): Promise<IndexedModel[]> {
    return repositoryIndex(this.#context.registry, this.#context.models, ready);
  }

  /** Resolves when it is warm. */
  async load(name: string, parameters: Readonly<Record<string, unknown>>): Promise<void> {
    const [unsupported] = Object.keys(parameters);
    if (unsupported !== undefined)
      throw new RookeryError('NOT_IMPLEMENTED', {
        detail: `the parameter '${unsupported.slice(0, 100)}': models are loaded as they were registered`,
      });
    await this.#context.models.load(referenceOf({ name, version: '' }));
  }

  /** Lets it leave as soon as nobody uses it. */
  unload(name: string): Promise<void> {
    return this.#context.models.unload(name);
  }

  infer(model: NamedModel, request: InferenceRequest, work: PictureWork): Promise<InferenceResult> {
    return runInference(referenceOf(model), request, { context: this.#context, statistics: this.#statistics, work });
  }
}

/** @throws {RookeryError} REQUEST_INVALID */
function referenceOf({ name, version }: NamedModel): string {
  if (name === '') throw new RookeryError('REQUEST_INVALID', { detail: 'the request names no model' });
  return version === '' ? name : `${name}@${version}`;
}
