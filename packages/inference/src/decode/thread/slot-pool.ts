import type { DecoderData } from '../../messages.ts';

/** The places for resized pictures that decoder and engine share. */
export class SlotPool {
  readonly #free: number[];
  readonly #takers: ((slot: number) => void)[] = [];
  readonly #views: readonly (Uint8Array | Float32Array)[];

  constructor({ model, slots, slotCount }: Pick<DecoderData, 'model' | 'slots' | 'slotCount'>) {
    const { preprocessing, input } = model;
    const length = preprocessing.width * preprocessing.height * 3;
    this.#free = Array.from({ length: slotCount }, (_, slot) => slotCount - 1 - slot);
    this.#views = this.#free.map((_, slot) =>
      input.type === 'uint8'
        ? new Uint8Array(slots, slot * length, length)
        : new Float32Array(slots, slot * length * 4, length),
    );
  }

  view(slot: number): Uint8Array | Float32Array {
    const view = this.#views[slot];
    if (!view) throw new RangeError(`no slot ${slot}`);
    return view;
  }

  take(): Promise<number> {
    const slot = this.#free.pop();
    return slot === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(slot);
  }

  free(slots: readonly number[]): void {
    for (const slot of slots) {
      const taker = this.#takers.shift();
      if (taker) taker(slot);
      else this.#free.push(slot);
    }
  }
}
