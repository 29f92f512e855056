import { seededRandom } from '@rookery/contracts';

/** Painted ones; the rest are these turned, inverted, or both. */
const painted = 16;

/**
 * Pictures to try a model on, uint8 `[count, height, width, 3]`, all different up to 64: in turn noise; smooth waves in colour, as
 * photographs mostly are; waves with a box and noise on them, for edges.
 */
export function randomPictures(count: number, height: number, width: number, seed = 1): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  const size = height * width * 3;
  const pictures = new Uint8Array(count * size);
  for (let n = 0; n < count; n += 1) {
    const picture = pictures.subarray(n * size, (n + 1) * size);
    if (n < painted) {
      if (n % 3 === 0) paintNoise(random, picture);
      else paintScene(random, picture, height, width, n % 3 === 2);
      continue;
    }
    picture.set(pictures.subarray((n % painted) * size, ((n % painted) + 1) * size));
    const variation = Math.floor(n / painted) % 4;
    if (variation & 1) picture.reverse();
    if (variation & 2) for (let at = 0; at < size; at += 1) picture[at] = 255 - (picture[at] ?? 0);
  }
  return pictures;
}

function paintNoise(random: () => number, picture: Uint8Array): void {
  for (let at = 0; at < picture.length; at += 1) picture[at] = random() * 256;
}

function paintScene(random: () => number, picture: Uint8Array, height: number, width: number, busy: boolean): void {
  const base = [random() * 255, random() * 255, random() * 255];
  const tint = [random() * 120, random() * 120, random() * 120];
  const [down, across] = [waves(random, height), waves(random, width)];
  const box = {
    top: random() * 0.6 * height,
    left: random() * 0.6 * width,
    size: (0.1 + random() * 0.3) * height,
    shade: random() * 255,
  };
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inBox = busy && y > box.top && y < box.top + box.size && x > box.left && x < box.left + box.size;
      const grain = busy ? random() * 24 : 0;
      for (let c = 0; c < 3; c += 1, at += 1) {
        const wave = (base[c] ?? 0) + (down[y] ?? 0) * (across[x] ?? 0) * (tint[c] ?? 0);
        picture[at] = Math.max(0, Math.min(255, (inBox ? box.shade : wave) + grain));
      }
    }
  }
}

/** Two sines of different length, one number a place. */
function waves(random: () => number, size: number): Float32Array {
  const [slow, fast] = [((1 + random() * 2) * 2 * Math.PI) / size, ((3 + random() * 9) * 2 * Math.PI) / size];
  const [start, offset] = [random() * 2 * Math.PI, random() * 2 * Math.PI];
  return Float32Array.from(
    { length: size },
    (_, at) => Math.sin(at * slow + start) + 0.4 * Math.sin(at * fast + offset),
  );
}
