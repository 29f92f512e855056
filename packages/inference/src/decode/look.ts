/** What a resized picture looks like at a glance: for whoever watches what a model is given. No prediction depends on it. */
export interface Look {
  /** Mean luma (Rec. 601), 0 to 255. */
  readonly brightness: number;
  /** Mean absolute Laplacian of the luma: 0 for one colour, a few for a blurred picture, tens for a sharp one. */
  readonly sharpness: number;
}

/** Points along each side that are looked at, about: some 600 in all, so that the cost is the same for the input of every model. */
const points = 24;

/** `pixels`: height x width x 3 values, RGB from 0 to 255. Looks at a grid of points and the four neighbours of each. */
export function lookOf(pixels: Uint8Array | Float32Array, width: number, height: number): Look {
  const across = Math.max(1, Math.floor(width / points));
  const down = Math.max(1, Math.floor(height / points));
  const row = width * 3;
  let [brightness, sharpness, count] = [0, 0, 0];
  for (let y = Math.min(height - 1, 1); y < height - 1; y += down)
    for (let x = Math.min(width - 1, 1); x < width - 1; x += across) {
      const at = y * row + x * 3;
      brightness += luma(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
      sharpness += Math.abs(luma(bend(pixels, at, row), bend(pixels, at + 1, row), bend(pixels, at + 2, row)));
      count++;
    }
  return count === 0
    ? { brightness: 0, sharpness: 0 }
    : { brightness: brightness / count, sharpness: sharpness / count };
}

const luma = (red: number, green: number, blue: number): number => 0.299 * red + 0.587 * green + 0.114 * blue;

/** The Laplacian of one colour: its four neighbours less four times itself. */
const bend = (pixels: Uint8Array | Float32Array, at: number, row: number): number =>
  (pixels[at - 3] ?? 0) +
  (pixels[at + 3] ?? 0) +
  (pixels[at - row] ?? 0) +
  (pixels[at + row] ?? 0) -
  4 * (pixels[at] ?? 0);
