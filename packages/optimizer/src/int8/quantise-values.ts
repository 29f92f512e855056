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

/** Signed bytes around 0, one scale for each index of `axis`: the form that the engine's integer kernels are fast with. */
export function quantiseSymmetric(
  values: ArrayLike<number>,
  dims: readonly number[],
  axis: number,
): { readonly bytes: Int8Array; readonly scales: Float32Array } {
  const channels = dims[axis] ?? 1;
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const channelOf = (at: number): number => Math.floor(at / inner) % channels;
  const largest = new Float64Array(channels);
  for (let at = 0; at < values.length; at += 1) {
    const channel = channelOf(at);
    largest[channel] = Math.max(largest[channel] ?? 0, Math.abs(values[at] ?? 0));
  }
  // A channel of zeros needs a scale all the same.
  const scales = Float32Array.from(largest, (most) => (most > 0 ? most / 127 : 1));
  const bytes = new Int8Array(values.length);
  for (let at = 0; at < values.length; at += 1) {
    const code = Math.round((values[at] ?? 0) / (scales[channelOf(at)] ?? 1));
    bytes[at] = Math.max(-127, Math.min(127, code));
  }
  return { bytes, scales };
}
