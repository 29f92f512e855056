/** How real numbers stand as bytes: `real = (byte - zeroPoint) * scale`. */
export interface ByteScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The unsigned bytes for values from `low` to `high`; 0 is always one of them, for padding. */
export function byteScaleOf(low: number, high: number): ByteScale {
  const [bottom, top] = [Math.min(0, low), Math.max(0, high)];
  if (top === bottom) return { scale: 1, zeroPoint: 0 };
  const scale = Math.fround((top - bottom) / 255);
  return { scale, zeroPoint: Math.max(0, Math.min(255, Math.round(-bottom / scale))) };
}

/** A channel of zeros needs a scale all the same, one in which its bias is exact. */
const scaleOfNothing = 2 ** -60;
const mostAlone = 127;
/** 255 times this is the largest product of bytes that 16 signed bits hold: 32,640. */
const mostTogether = 128;

/**
 * The weights of one output channel as signed bytes around 0, in the order in which they are multiplied and added up.
 *
 * Processors without VNNI add two neighbouring products in 16 bits, and cut what does not fit: another result than on other processors.
 * With `pairs` the scale is as much larger as no two neighbours need: those instructions, the fastest, then compute exactly as well.
 *
 * `least`: the smallest scale that serves, where what is added to the products needs one.
 * @returns the scale; the bytes are in `codes`.
 */
export function quantiseChannel(weights: Float64Array, pairs: boolean, codes: Int8Array, least = 0): number {
  let [alone, together] = [0, 0];
  for (let at = 0; at < weights.length; at += 1) {
    const first = weights[at] as number;
    alone = Math.max(alone, Math.abs(first));
    if (at % 2 !== 0 || at + 1 === weights.length) continue;
    const second = weights[at + 1] as number;
    if (first * second > 0) together = Math.max(together, Math.abs(first + second));
  }
  const scale = Math.fround(Math.max(alone / mostAlone, pairs ? together / mostTogether : 0, least, scaleOfNothing));
  for (let at = 0; at < weights.length; at += 1) codes[at] = clamp(Math.round((weights[at] as number) / scale));
  if (pairs) fitPairs(codes);
  return scale;
}

const clamp = (code: number): number => Math.max(-mostAlone, Math.min(mostAlone, code));

/** Rounding may have added one to both. */
function fitPairs(bytes: Int8Array): void {
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const sum = (bytes[at] as number) + (bytes[at + 1] as number);
    const over = Math.abs(sum) - mostTogether;
    if (over > 0) bytes[at] = (bytes[at] as number) - over * Math.sign(sum);
  }
}
