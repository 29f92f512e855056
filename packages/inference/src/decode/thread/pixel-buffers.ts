/** Room for the pixels of one picture, until it is released. */
export interface PixelRoom {
  /** What was taken before is given back: a picture that could not be decoded one way is decoded another. */
  take(length: number): Uint8Array<ArrayBuffer>;
  /** Whether these pixels lie in it. */
  holds(pixels: Uint8Array): boolean;
  release(): void;
}

/** Of a picture that is decoded for itself. */
export const newRoom = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length);

/**
 * Memory that decoded pixels are written to again and again. Fresh memory for each picture costs as much as a tenth of its decoding: the
 * system clears its pages one by one when they are first touched, and V8 has to find out that they are of no use any more.
 */
export class PixelBuffers {
  /** The smallest first. */
  #free: Uint8Array<ArrayBuffer>[] = [];

  /** @param keepBytes Of all free buffers: more than that is left to V8. */
  constructor(private readonly keepBytes: number) {}

  lend(): PixelRoom {
    let lent: Uint8Array<ArrayBuffer> | undefined;
    return {
      take: (length) => {
        if (lent) this.#keep(lent);
        lent = this.#take(length);
        return lent.subarray(0, length);
      },
      holds: (pixels) => pixels.buffer === lent?.buffer,
      release: () => {
        if (lent) this.#keep(lent);
        lent = undefined;
      },
    };
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const index = this.#free.findIndex((buffer) => buffer.length >= length);
    const [buffer] = index < 0 ? [] : this.#free.splice(index, 1);
    return buffer ?? Buffer.allocUnsafeSlow(length);
  }

  #keep(buffer: Uint8Array<ArrayBuffer>): void {
    if (buffer.length > this.keepBytes) return;
    this.#free.push(buffer);
    this.#free.sort((a, b) => a.length - b.length);
    // What is small is had again soonest.
    let kept = this.#free.reduce((sum, { length }) => sum + length, 0);
    while (kept > this.keepBytes) kept -= this.#free.shift()?.length ?? 0;
  }
}
