import { RookeryError } from '@rookery/contracts';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { EngineData } from '../messages.ts';
import { createSession } from '../session.ts';
import { compute } from '../thread-state.ts';

/** One session and the memory of one batch. */
export class Engine {
  readonly #slots: readonly (Uint8Array | Float32Array)[];
  readonly #batch: Uint8Array | Float32Array;
  readonly #length: number;

  private constructor(
    private readonly data: EngineData,
    private readonly session: InferenceSession,
    batch: number,
  ) {
    const { preprocessing, input, stableBatch } = data.model;
    this.#length = preprocessing.width * preprocessing.height * 3;
    const size = this.#length * Math.max(batch, stableBatch);
    this.#batch = input.type === 'uint8' ? new Uint8Array(size) : new Float32Array(size);
    const all = input.type === 'uint8' ? new Uint8Array(data.slots) : new Float32Array(data.slots);
    this.#slots = Array.from({ length: data.slotCount }, (_, slot) =>
      all.subarray(slot * this.#length, (slot + 1) * this.#length),
    );
  }

  /** @throws {RookeryError} MODEL_INVALID, DEVICE_UNAVAILABLE, ABORTED. */
  static async load(data: EngineData, threads: number, batch: number): Promise<Engine> {
    const { graph, sessionConfig, input, output } = data.model;
    const session = await createSession(data.state, graph, {
      threads,
      device: data.device,
      ...(sessionConfig && { config: sessionConfig }),
    });
    if (!session.inputNames.includes(input.name) || !session.outputNames.includes(output.name)) {
      throw new RookeryError('MODEL_INVALID', { detail: `the graph has no ${input.name} or no ${output.name}` });
    }
    return new Engine(data, session, batch);
  }

  /** Copies a slot to its place in the batch. The runtime takes no shared memory, and wants the batch in one piece. */
  place(slot: number, place: number): void {
    this.#batch.set(this.#slots[slot] as Uint8Array, place * this.#length);
  }

  /** Scores of the first `count` places, one picture after the other. Padded with black to the model's stable batch. */
  async run(count: number): Promise<Float32Array> {
    const { input, output, preprocessing, stableBatch } = this.data.model;
    const rows = Math.max(count, stableBatch);
    const filled = this.#batch.subarray(0, rows * this.#length);
    if (rows > count) filled.fill(0, count * this.#length);
    const shape = [rows, preprocessing.height, preprocessing.width, 3];
    const tensor =
      filled instanceof Uint8Array ? new Tensor('uint8', filled, shape) : new Tensor('float32', filled, shape);
    const results = await compute(this.data.state, () => this.session.run({ [input.name]: tensor }, [output.name]));
    if (!results) throw new RookeryError('ABORTED');
    const scores = results[output.name];
    if (!(scores?.data instanceof Float32Array) || scores.data.length !== rows * output.classes) {
      throw new RookeryError('MODEL_INVALID', { detail: `the output is ${scores?.type} [${scores?.dims.join(', ')}]` });
    }
    return scores.data;
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
