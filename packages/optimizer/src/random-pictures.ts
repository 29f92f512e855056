/** A small generator with a seed (mulberry32): the same pictures on every machine. Gives numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Pictures to try a model on, uint8 `[count, height, width, 3]`, in turn: noise; smooth waves in colour, as photographs mostly are;
 * waves with a disc and noise on them, for edges.
 */
export function randomPictures(count: number, height: number, width: number, seed = 1): Uint8Array {
  const random = seededRandom(seed);
  const pictures = new Uint8Array(count * height * width * 3);
  let at = 0;
  for (let n = 0; n < count; n += 1) {
    const paint = n % 3 === 0 ? () => random() * 256 : scene(random, height, width, n % 3 === 2);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        for (let c = 0; c < 3; c += 1) pictures[at++] = Math.max(0, Math.min(255, paint(y, x, c)));
      }
    }
  }
  return pictures;
}

type Paint = (y: number, x: number, channel: number) => number;

function scene(random: () => number, height: number, width: number, busy: boolean): Paint {
  const base = [random() * 255, random() * 255, random() * 255];
  const waves = Array.from({ length: 3 }, () => ({
    down: Float32Array.from({ length: height }, wave(random, height)),
    across: Float32Array.from({ length: width }, wave(random, width)),
    tint: [random() * 90, random() * 90, random() * 90],
  }));
  const disc = { y: random() * height, x: random() * width, size: (0.1 + random() * 0.3) * height };
  const colour = [random() * 255, random() * 255, random() * 255];
  return (y, x, c) => {
    if (busy && Math.hypot(y - disc.y, x - disc.x) < disc.size) return (colour[c] ?? 0) + random() * 24;
    let value = base[c] ?? 0;
    for (const { down, across, tint } of waves) value += (down[y] ?? 0) * (across[x] ?? 0) * (tint[c] ?? 0);
    return value + (busy ? random() * 24 : 0);
  };
}

const wave = (random: () => number, size: number): ((_: unknown, at: number) => number) => {
  const turns = ((1 + random() * 4) * 2 * Math.PI) / size;
  const phase = random() * 2 * Math.PI;
  return (_, at) => Math.sin(at * turns + phase);
};
