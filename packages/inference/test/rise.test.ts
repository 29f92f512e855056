import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { rise } from '../src/engine/explain/rise.ts';

const [width, height, batch] = [28, 28, 8];

/** A model whose score is how red the upper left quarter is, at its own pace. */
function redSeer(msPerBatch: number) {
  const rows: (Uint8Array | Float32Array)[] = [];
  let runs = 0;
  const redness = (pixels: Uint8Array | Float32Array): number => {
    let sum = 0;
    for (let y = 0; y < height / 2; y += 1)
      for (let x = 0; x < width / 2; x += 1) sum += pixels[(y * width + x) * 3] ?? 0;
    return sum / (height * width * 64);
  };
  return {
    write: (place: number, pixels: Uint8Array | Float32Array) => {
      rows[place] = pixels;
    },
    rowsOf: (count: number) => count,
    run: async (count: number) => {
      await wait(msPerBatch);
      runs += 1;
      return Float32Array.from(rows.slice(0, count), redness);
    },
    pictures: () => runs * batch,
  };
}

/** Red on the left, black elsewhere. */
const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) =>
  at % 3 === 0 && Math.floor(at / 3) % width < width / 2 ? 255 : 0,
);

describe('maps by masks', () => {
  const mapOf = async (engine: ReturnType<typeof redSeer>, limitMs: number) => {
    let signs = 0;
    const picture = { pixels, width, height, classes: [0] };
    const found = await rise(engine, picture, { batch, alive: () => (signs += 1), limitMs });
    expect(signs).toBe(engine.pictures() / batch);
    const half = (from: number) =>
      Array.from({ length: 7 }, (_, y) => found.maps.subarray(y * 14 + from, y * 14 + from + 7))
        .flatMap((row) => [...row])
        .reduce((sum, each) => sum + each, 0);
    expect(half(0)).toBeGreaterThan(half(7));
    return found;
  };

  it('take 400 masked pictures where there is time', async () => {
    const engine = redSeer(0);
    await mapOf(engine, 60_000);
    expect(engine.pictures()).toBe(400);
  });

  it('take fewer of a slow model, but 64, and say that the error is larger', async () => {
    const [slow, fast] = [redSeer(5), redSeer(0)];
    const [few, many] = [await mapOf(slow, 1), await mapOf(fast, 60_000)];
    expect(slow.pictures()).toBe(64);
    expect(few.error).toBeGreaterThan(many.error);
  });
});
