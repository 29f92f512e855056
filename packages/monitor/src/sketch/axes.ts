/** Equal steps from `from` to `to`, of the value or of its logarithm. What lies outside is counted in the first or last bin. */
export interface Axis {
  readonly title: string;
  readonly scale: 'linear' | 'log';
  readonly from: number;
  readonly to: number;
  readonly bins: number;
}

/**
 * What is kept of each picture. Bins are fixed, so that windows of any two workers add up exactly; changing one is a new version of the
 * window's format.
 */
export const axes = {
  /** Score of the best label. */
  confidence: { title: 'confidence', scale: 'linear', from: 0, to: 1, bins: 100 },
  /** Of the best labels' scores; 0: sure, 1: as unsure as can be. See `entropyOf`. */
  entropy: { title: 'entropy', scale: 'linear', from: 0, to: 1, bins: 100 },
  /** Width times height. */
  pixels: { title: 'pixels', scale: 'log', from: 1e3, to: 1e9, bins: 96 },
  /** Width over height. */
  shape: { title: 'width : height', scale: 'log', from: 0.1, to: 10, bins: 80 },
  /** Mean of the luma of the model's input, 0 to 255. */
  brightness: { title: 'brightness', scale: 'linear', from: 0, to: 256, bins: 64 },
  /** Mean absolute Laplacian of the luma of the model's input. */
  sharpness: { title: 'sharpness', scale: 'log', from: 0.1, to: 1000, bins: 80 },
} as const satisfies Record<string, Axis>;

export type AxisName = keyof typeof axes;
export const axisNames = Object.keys(axes) as readonly AxisName[];

export function binOf(value: number, { scale, from, to, bins }: Axis): number {
  const part = scale === 'linear' ? (value - from) / (to - from) : Math.log(value / from) / Math.log(to / from);
  return Math.max(0, Math.min(bins - 1, Math.floor(part * bins)));
}

/** Where a bin begins; `bin` may be the number of bins: where the last one ends. */
export function edgeOf(bin: number, { scale, from, to, bins }: Axis): number {
  const part = bin / bins;
  return scale === 'linear' ? from + part * (to - from) : from * (to / from) ** part;
}
