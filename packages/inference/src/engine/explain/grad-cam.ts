import { type ExplainGraphs, RookeryError } from '@rookery/contracts';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { EngineData } from '../../messages.ts';
import { createSession } from '../../session.ts';
import { compute } from '../../thread-state.ts';

/** What one batch gave, for as long as the next has not run. */
export interface WatchedBatch {
  readonly scores: Float32Array;
  readonly features: Features;
}

interface Features {
  readonly values: Float32Array;
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
}

/** A picture of a batch, and the classes that maps are wanted for. */
export interface AskedMaps {
  readonly place: number;
  readonly classes: readonly number[];
}

/** ONNX Runtime with the graphs of Grad-CAM: a batch with its features, and the maps of some of its pictures from these. */
export class GradCam {
  private constructor(
    private readonly data: EngineData,
    private readonly watched: InferenceSession,
    private readonly maps: InferenceSession,
    private readonly features: string,
  ) {}

  /** @throws {RookeryError} MODEL_INVALID, DEVICE_UNAVAILABLE, ABORTED. */
  static async load(data: EngineData, graphs: ExplainGraphs, threads: number): Promise<GradCam> {
    const { state, device, model } = data;
    const source = (bytes: Uint8Array) => ({ bytes, digest: model.graph.digest });
    const config = { ...(model.sessionConfig && { config: model.sessionConfig }) };
    const watched = await createSession(state, source(graphs.watched), { threads, device, ...config });
    // Int8 weights that are read twice, forwards and backwards, are more than all of the optimisations together can take.
    const maps = await createSession(state, source(graphs.maps), { threads, optimisation: 'basic' });
    return new GradCam(data, watched, maps, graphs.features);
  }

  /** @param batch rows x height x width x 3 values, as the engine's own. */
  async run(batch: Uint8Array | Float32Array, rows: number): Promise<WatchedBatch> {
    const { input, output, preprocessing } = this.data.model;
    const { width, height } = preprocessing;
    const filled = batch.subarray(0, rows * width * height * 3);
    const shape = [rows, height, width, 3];
    const pixels =
      filled instanceof Uint8Array ? new Tensor('uint8', filled, shape) : new Tensor('float32', filled, shape);
    const results = await this.#compute(this.watched, { [input.name]: pixels });
    const [scores, features] = [results[output.name], results[this.features]];
    const [, channels = 0, down = 0, across = 0] = features?.dims ?? [];
    if (!(scores?.data instanceof Float32Array) || !(features?.data instanceof Float32Array))
      throw new RookeryError('MODEL_INVALID', { detail: `features ${features?.type}, scores ${scores?.type}` });
    return { scores: scores.data, features: { values: features.data, channels, rows: down, columns: across } };
  }

  /**
   * Maps of these pictures of the batch, for as many classes of each, in one run: of each picture its classes x rows x columns values, not
   * negative.
   */
  async mapsOf(batch: Features, asked: readonly AskedMaps[]): Promise<Float32Array[]> {
    const { channels, rows, columns } = batch;
    const [features = '', chosen = ''] = this.maps.inputNames;
    // The runtime adds up the products of a single row in another order: a picture's map is the same alone and beside others.
    const given = asked.length === 1 ? [...asked, ...asked] : asked;
    const classes = given.flatMap((each) => each.classes);
    const perPicture = classes.length / given.length;
    const results = await this.#compute(this.maps, {
      [features]: new Tensor('float32', featuresOf(batch, given), [given.length, channels, rows, columns]),
      [chosen]: new Tensor('int64', BigInt64Array.from(classes, BigInt), [given.length, perPicture]),
    });
    const maps = results[this.maps.outputNames[0] ?? '']?.data as Float32Array;
    const length = perPicture * rows * columns;
    return asked.map((_, n) => maps.subarray(n * length, (n + 1) * length));
  }

  async #compute(session: InferenceSession, feeds: Record<string, Tensor>): Promise<InferenceSession.ReturnType> {
    const results = await compute(this.data.state, () => session.run(feeds));
    if (!results) throw new RookeryError('ABORTED');
    return results;
  }
}

/** Those of the pictures that are asked for, side by side; not copied where they are the first ones. */
function featuresOf({ values, channels, rows, columns }: Features, asked: readonly AskedMaps[]): Float32Array {
  const length = channels * rows * columns;
  if (asked.every(({ place }, n) => place === n)) return values.subarray(0, asked.length * length);
  const own = new Float32Array(asked.length * length);
  for (const [n, { place }] of asked.entries())
    own.set(values.subarray(place * length, (place + 1) * length), n * length);
  return own;
}
