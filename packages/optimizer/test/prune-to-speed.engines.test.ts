import { seededRandom } from '@rookery/contracts';
import { describe, expect, it } from 'vitest';
import { pruneToSpeed } from '../src/index.ts';
import { encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { randomPictures } from '../src/random-pictures.ts';

const size = 32;
const channels = 128;
const sample = { pixels: randomPictures(24, size, size, 3), count: 24, width: size, height: size };

/** Two wide layers, in which nearly all of the time goes. */
function wideNet(): Uint8Array {
  const random = seededRandom(5);
  const numbers = (count: number, summed: number) =>
    Array.from({ length: count }, () => (random() * 2 - 1) * Math.sqrt(3 / summed));
  const graph = new GraphBuilder('wide', 13);
  const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
  const cast = graph.node('Cast', [graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: 1 });
  const scaled = graph.node('Mul', [cast, graph.floats('scale', [], [1 / 255])]);
  const layer = (input: string, name: string, from: number, to: number) =>
    graph.node('Conv', [input, graph.floats(name, [to, from, 3, 3], numbers(9 * from * to, 9 * from))], {
      pads: [1, 1, 1, 1],
    });
  const first = graph.node('Relu', [layer(scaled, 'w1', 3, channels)]);
  const second = graph.node('Relu', [layer(first, 'w2', channels, channels)]);
  const read = layer(second, 'w3', channels, 5);
  const flat = graph.node('Flatten', [graph.node('GlobalAveragePool', [read])]);
  graph.output(graph.node('Softmax', [flat], {}, 'scores'), 'float32', ['batch', 5]);
  return encodeModel(graph.model());
}

describe('pruning to a speed', { timeout: 120_000 }, () => {
  it('removes what the speed takes, and not much more', async () => {
    const said: string[] = [];
    const options = { speed: 1.5, threads: 1, seconds: 0.3, tell: (text: string) => void said.push(text) };
    const pruned = await pruneToSpeed(wideNet(), sample, options);
    expect(pruned.ratio).toBeGreaterThanOrEqual(1.5);
    expect(pruned.channels.removed).toBeGreaterThan(0);
    // A third of the time is a third of the multiplications, about: not all that could go.
    expect(1 - pruned.multiplications.after / pruned.multiplications.before).toBeLessThan(0.7);
    expect(pruned.tried.length).toBeGreaterThanOrEqual(8);
    const slower = pruned.tried.filter(({ share }) => share < pruned.share);
    expect(slower.some(({ ratio }) => ratio < 1.5)).toBe(true);
    expect(said.filter((text) => text.includes('times as fast'))).toHaveLength(pruned.tried.length);
  });

  it('says what can be reached where that is less', async () => {
    await expect(pruneToSpeed(wideNet(), sample, { speed: 100, threads: 1, seconds: 0.2 })).rejects.toMatchObject({
      code: 'USAGE',
      detail: expect.stringMatching(/^100 times as fast is out of reach: .* it is \d+\.\d\d times$/),
    });
  });
});
