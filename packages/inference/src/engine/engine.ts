import { RookeryError } from '@rookery/contracts';
import type { EngineData } from '../messages.ts';
import { loadEngine } from './load-engine.ts';
import type { EngineSession } from './port.ts';

/** A loaded model between the slots of resized pictures and their scores. */
export class Engine {
  readonly #slots: readonly (Uint8Array | Float32Array)[];
  readonly #length: number;

  private constructor(
    private readonly data: EngineData,
    private readonly session: EngineSession,
  ) {
    const { preprocessing, input } = data.model;
    this.#length = preprocessing.width * preprocessing.height * 3;
    const all = input.type === 'uint8' ? new Uint8Array(data.slots) : new Float32Array(data.slots);
    this.#slots = Array.from({ length: data.slotCount }, (_, slot) =>
      all.subarray(slot * this.#length, (slot + 1) * this.#length),
    );
  }

  /** @throws {RookeryError} MODEL_INVALID, ENGINE_UNAVAILABLE, DEVICE_UNAVAILABLE, ABORTED. */
  static async load(data: EngineData, threads: number, batch: number): Promise<Engine> {
    const { model, device, found, state } = data;
    const rows = Math.max(batch, model.stableBatch);
    return new Engine(data, await loadEngine(model, { found, threads, device, rows, state }));
  }

  /** Copies a slot to its place in the batch. Runtimes take no shared memory, and want the batch in one piece. */
  place(slot: number, place: number): void {
    this.session.batch.set(this.#slots[slot] as Uint8Array, place * this.#length);
  }

  /** Rows of pictures, to be read by whatever computes on them besides. */
  get batch(): EngineSession['batch'] {
    return this.session.batch;
  }

  /** Pictures that fit into a batch. */
  get capacity(): number {
    return this.session.batch.length / this.#length;
  }

  /** Writes a picture to its place in the batch. */
  write(place: number, pixels: Uint8Array | Float32Array): void {
    this.session.batch.set(pixels, place * this.#length);
  }

  /** A copy of what is in a place of the batch. */
  read(place: number): Float32Array {
    return Float32Array.from(this.session.batch.subarray(place * this.#length, (place + 1) * this.#length));
  }

  /** Rows that so many pictures are computed as. */
  rowsOf(count: number): number {
    return Math.max(count, this.data.model.stableBatch);
  }

  /** Fills up with black what a batch lacks. @returns its rows. */
  pad(count: number): number {
    const rows = this.rowsOf(count);
    if (rows > count) this.session.batch.fill(0, count * this.#length, rows * this.#length);
    return rows;
  }

  /** Scores of the first `count` places, one picture after the other. Padded with black to the model's stable batch. */
  async run(count: number): Promise<Float32Array> {
    const { output } = this.data.model;
    const rows = this.pad(count);
    const scores = await this.session.run(rows);
    if (scores.length !== rows * output.classes) {
      throw new RookeryError('MODEL_INVALID', {
        detail: `${scores.length} scores for ${rows} x ${output.classes} classes`,
      });
    }
    return scores;
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
