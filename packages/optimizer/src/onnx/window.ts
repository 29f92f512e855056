/** Where an output of a window starts to read, as TensorFlow does: what is odd is padded at the end. Pads before and after. */
export function windowOf(
  mode: 'valid' | 'same',
  size: number,
  window: number,
  stride: number,
): { pads: [number, number]; size: number } {
  if (mode === 'valid') return { pads: [0, 0], size: Math.floor((size - window) / stride) + 1 };
  const out = Math.ceil(size / stride);
  const total = Math.max((out - 1) * stride + window - size, 0);
  return { pads: [Math.floor(total / 2), Math.ceil(total / 2)], size: out };
}
