import type { Preprocessing } from '@rookery/contracts';
import { bilinearTaps, weightBits } from './bilinear-taps.ts';
import { type Placement, placementOf } from './placement.ts';
import type { Pixels } from './sharp-decoder.ts';

/** Sizes whose plans are kept: pictures of one source often have one size. */
const keptPlans = 64;

/** Where each output byte comes from: offsets of rows and, for each channel of each column, in a row. */
interface Plan {
  readonly placement: Placement;
  readonly above: Int32Array;
  readonly below: Int32Array;
  readonly down: Int32Array | Float64Array;
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly across: Int32Array | Float64Array;
}

/**
 * The two kernels that training code used, exact, on the decoded picture where it lies. Whole numbers or doubles in a fixed order: every
 * machine gives the same bits. Measured against the same as an ONNX graph: 1.0 ms instead of 1.8 ms a picture, and OpenCV's result to the
 * bit instead of in nine pixels of ten.
 */
export class ExactResizer {
  readonly #plans = new Map<string, Plan>();

  constructor(private readonly to: Preprocessing) {}

  /** Writes the resized picture into `slot`, height x width x 3 values from 0 to 255; black where it does not reach. */
  resize(picture: Pixels, slot: Uint8Array | Float32Array): void {
    const { width, height } = this.to;
    const plan = this.#plan(picture.width, picture.height);
    const { placement } = plan;
    if (placement.width < width || placement.height < height) slot.fill(0);
    const start = (placement.top * width + placement.left) * 3;
    if (this.to.kernel === 'bilinear-half-pixel') halfPixel(picture.data, slot, start, width * 3, plan);
    else alignCorners(picture.data, slot, start, width * 3, plan);
  }

  #plan(width: number, height: number): Plan {
    const key = `${width}x${height}`;
    const plan = this.#plans.get(key) ?? planFor(width, height, this.to);
    // Most recent last.
    this.#plans.delete(key);
    this.#plans.set(key, plan);
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > keptPlans && oldest !== undefined) this.#plans.delete(oldest);
    return plan;
  }
}

function planFor(width: number, height: number, to: Preprocessing): Plan {
  const placement = placementOf(width, height, to);
  const columns = bilinearTaps(to.kernel, width, placement.resizedWidth, placement.cropLeft, placement.width);
  const rows = bilinearTaps(to.kernel, height, placement.resizedHeight, placement.cropTop, placement.height);
  const channels = placement.width * 3;
  const bytes = (of: Int32Array): Int32Array =>
    new Int32Array(channels).map((_, i) => (of[Math.floor(i / 3)] as number) * 3 + (i % 3));
  const across = columns.weight instanceof Int32Array ? new Int32Array(channels) : new Float64Array(channels);
  for (let i = 0; i < channels; i++) across[i] = columns.weight[Math.floor(i / 3)] as number;
  return {
    placement,
    above: rows.low.map((row) => row * width * 3),
    below: rows.high.map((row) => row * width * 3),
    down: rows.weight,
    before: bytes(columns.low),
    after: bytes(columns.high),
    across,
  };
}

/**
 * OpenCV's 8-bit `INTER_LINEAR`: rows in 1/2048, then `VResizeLinear`, which drops four bits before and sixteen after the multiplication and
 * rounds the last two.
 */
function halfPixel(
  picture: Uint8Array,
  slot: Uint8Array | Float32Array,
  start: number,
  stride: number,
  plan: Plan,
): void {
  const { above, below, before, after, down, across } = plan;
  const one = 1 << weightBits;
  for (let y = 0; y < above.length; y++) {
    const up = above[y] as number;
    const low = below[y] as number;
    const second = down[y] as number;
    const first = one - second;
    const to = start + y * stride;
    for (let x = 0; x < before.length; x++) {
      const left = before[x] as number;
      const right = after[x] as number;
      const weight = across[x] as number;
      const a = picture[up + left] as number;
      const b = picture[low + left] as number;
      const upper = (a << weightBits) + ((picture[up + right] as number) - a) * weight;
      const lower = (b << weightBits) + ((picture[low + right] as number) - b) * weight;
      slot[to + x] = (((first * (upper >> 4)) >> 16) + ((second * (lower >> 4)) >> 16) + 2) >> 2;
    }
  }
}

/** TensorFlow's order: along the two rows, then between them. */
function alignCorners(
  picture: Uint8Array,
  slot: Uint8Array | Float32Array,
  start: number,
  stride: number,
  plan: Plan,
): void {
  const { above, below, before, after, down, across } = plan;
  for (let y = 0; y < above.length; y++) {
    const up = above[y] as number;
    const low = below[y] as number;
    const weightDown = down[y] as number;
    const to = start + y * stride;
    for (let x = 0; x < before.length; x++) {
      const left = before[x] as number;
      const right = after[x] as number;
      const weight = across[x] as number;
      const a = picture[up + left] as number;
      const b = picture[low + left] as number;
      const upper = a + ((picture[up + right] as number) - a) * weight;
      const lower = b + ((picture[low + right] as number) - b) * weight;
      slot[to + x] = upper + (lower - upper) * weightDown;
    }
  }
}
