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

  /** Scores of the first `count` places, one picture after the other. Padded with black to the model's stable batch. */
  async run(count: number): Promise<Float32Array> {
    const { output, stableBatch } = this.data.model;
    const rows = Math.max(count, stableBatch);
    if (rows > count) this.session.batch.fill(0, count * this.#length, rows * this.#length);
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
