import { type Convolution, classes, convolutions, dense, mean, scale, side, std, widths } from './small-net.ts';

/** The scores of the small network, computed as one would by hand. */
export function plainScores(picture: Uint8Array): Float32Array {
  const values = Float64Array.from(picture, (_, at) => {
    const bgr = picture[at - (at % 3) + 2 - (at % 3)] as number;
    return (bgr * scale - mean) / std;
  });
  const [first, second] = convolutions;
  const planes = convolve(convolve(values, side, first), side - 2, second);
  const [units, size] = [widths[2], planes.length / widths[2]];
  const means = Array.from({ length: units }, (_, unit) => {
    let sum = 0;
    for (let at = unit; at < planes.length; at += units) sum += planes[at] as number;
    return sum / size;
  });
  const logits = Array.from({ length: classes }, (_, index) =>
    means.reduce(
      (sum, value, unit) => sum + value * (dense.kernel[unit * classes + index] as number),
      dense.bias[index] as number,
    ),
  );
  const powers = logits.map(Math.exp);
  const total = powers.reduce((sum, power) => sum + power, 0);
  return Float32Array.from(powers, (power) => power / total);
}

/** Nothing below zero comes out. */
function convolve(values: Float64Array, size: number, { from, to, kernel, bias }: Convolution): Float64Array {
  const out = size - 2;
  const result = new Float64Array(out * out * to);
  for (let place = 0; place < out * out; place++) {
    const [top, left] = [Math.floor(place / out), place % out];
    const sums = result.subarray(place * to, (place + 1) * to);
    sums.set(bias);
    for (let tap = 0; tap < 9; tap++) {
      const at = ((top + Math.floor(tap / 3)) * size + left + (tap % 3)) * from;
      for (let channel = 0; channel < from; channel++) {
        const value = values[at + channel] as number;
        const row = (tap * from + channel) * to;
        for (let unit = 0; unit < to; unit++)
          sums[unit] = (sums[unit] as number) + value * (kernel[row + unit] as number);
      }
    }
    for (let unit = 0; unit < to; unit++) sums[unit] = Math.max(0, sums[unit] as number);
  }
  return result;
}
