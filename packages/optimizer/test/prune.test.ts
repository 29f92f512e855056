import type { RookeryError } from '@rookery/contracts';
import { describe, expect, it } from 'vitest';
import { pruneChannels, pruneWeights } from '../src/index.ts';
import { decodeModel, encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { tensorDims, tensorNumbers } from '../src/onnx/tensor.ts';
import { removeChannels } from '../src/prune/surgeon.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { scoresOf } from './support/run-graph.ts';

const size = 16;
const sample = { pixels: randomPictures(24, size, size, 3), count: 24, width: size, height: size };
const wave = (count: number, by: number): number[] => Array.from({ length: count }, (_, n) => Math.sin(n * by + 1));

/** 32 channels, made, passed on by channel, and read; those from `dead` on are negative before their ReLU whatever the picture. */
function expandingNet(
  dead: number,
  activate = (graph: GraphBuilder, value: string): string => graph.node('Relu', [value]),
): Uint8Array {
  const graph = new GraphBuilder('expanding', 13);
  const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
  const cast = graph.node('Cast', [graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: 1 });
  const scaled = graph.node('Mul', [cast, graph.floats('scale', [], [1 / 255])]);
  const weights = wave(32 * 3, 1.7).map((value, n) => (n >= dead * 3 ? -Math.abs(value) : value));
  const made = graph.node('Conv', [
    scaled,
    graph.floats('w1', [32, 3, 1, 1], weights),
    graph.floats('b1', [32], new Array(32).fill(-0.01)),
  ]);
  const passed = graph.node(
    'Conv',
    [activate(graph, made), graph.floats('w2', [32, 1, 3, 3], wave(288, 2.3)), graph.floats('b2', [32], wave(32, 0.7))],
    { group: 32, pads: [1, 1, 1, 1] },
  );
  const read = graph.node('Conv', [graph.node('Relu', [passed]), graph.floats('w3', [5, 32, 1, 1], wave(160, 3.1))]);
  graph.output(
    graph.node('Softmax', [graph.node('Flatten', [graph.node('GlobalAveragePool', [read])])], {}, 'scores'),
    'float32',
    ['batch', 5],
  );
  return encodeModel(graph.model());
}

const difference = async (one: Uint8Array, other: Uint8Array): Promise<number> => {
  const dims = [sample.count, size, size, 3];
  const [a, b] = [await scoresOf(one, sample.pixels, dims), await scoresOf(other, sample.pixels, dims)];
  return Math.max(...a.map((score, at) => Math.abs(score - (b[at] ?? Number.NaN))));
};

describe('pruning channels', () => {
  it('finds channels that are always 0 and removes them without changing a score', async () => {
    const graph = expandingNet(24);
    const pruned = await pruneChannels(graph, sample, { share: 0.25 });
    expect(pruned.channels).toEqual({ removed: 8, of: 32 });
    expect(pruned.multiplications.after / pruned.multiplications.before).toBeCloseTo(0.75, 6);
    const dims = decodeModel(pruned.graph).graph.initializer.map((tensor) => [tensor.name, tensorDims(tensor)]);
    expect(Object.fromEntries(dims)).toMatchObject({ w1: [24, 3, 1, 1], w2: [24, 1, 3, 3], w3: [5, 24, 1, 1] });
    expect(await difference(graph, pruned.graph)).toBeLessThan(1e-3);
  });

  it('removes channels behind SiLU, which is a value times a gate of itself', async () => {
    const graph = expandingNet(24, (net, value) => {
      const gate = net.node('Mul', [value, net.node('Sigmoid', [value])]);
      return net.node('Relu', [gate]);
    });
    const pruned = await pruneChannels(graph, sample, { share: 0.25 });
    expect(pruned.channels).toEqual({ removed: 8, of: 32 });
    expect(await difference(graph, pruned.graph)).toBeLessThan(1e-3);
  });

  it('lets the channels that stay make up for those that go', () => {
    // The third channel is the sum of the first two; the fourth is the constant.
    const rows = Array.from({ length: 50 }, (_, n) => [
      Math.sin(n),
      Math.cos(n * 1.3),
      Math.sin(n) + Math.cos(n * 1.3),
      1,
    ]);
    const products = new Float64Array(16);
    for (const row of rows)
      for (let i = 0; i < 4; i += 1)
        for (let j = 0; j < 4; j += 1) products[i * 4 + j] = (products[i * 4 + j] ?? 0) + (row[i] ?? 0) * (row[j] ?? 0);
    const columns = { weights: Float64Array.of(1, 2, 3, 0.5), rows: 1 };
    const [removal] = removeChannels({ products, size: 4, rows: 50 }, columns, 1);
    expect(removal?.cost).toBeLessThan(0.5);
    for (const row of rows) {
      const [a = 0, b = 0, c = 0] = row;
      const given = row.reduce((sum, value, at) => sum + value * (columns.weights[at] ?? 0), 0);
      expect(Math.abs(given - (a + 2 * b + 3 * c + 0.5))).toBeLessThan(0.05);
    }
  });

  it('says why nothing can go, where nothing can', async () => {
    const why = async (graph: Uint8Array, pictures = sample): Promise<string> =>
      pruneChannels(graph, pictures, { share: 0.5 }).then(
        () => 'something went',
        ({ code, message }: RookeryError) => `${code} ${message}`,
      );
    expect(await why(encodeModel(withoutLayers()))).toMatch(/^MODEL_INVALID .*what each convolution makes is added/);
    expect(await why(encodeModel(residual()))).toMatch(
      /\(convolutions are followed 1 by Tanh, the first behind stem; 1 by Add, the first behind branch\)$/,
    );
    const few = await why(expandingNet(32), { ...sample, count: 1 });
    expect(few).toMatch(/^MODEL_INVALID .*1 pictures show each at fewer than 10 places; give at least 2$/);
    expect(await why(expandingNet(32), { ...sample, count: 2 })).toBe('something went');
  });
});

describe('pruning weights', () => {
  it('drops a share of each layer, or two of each four', () => {
    const graph = expandingNet(32);
    const half = pruneWeights(graph, 0.5);
    expect(half.zeros / half.weights).toBeCloseTo(0.5, 1);
    const pattern = decodeModel(pruneWeights(graph, '2:4').graph).graph.initializer.find(({ name }) => name === 'w3');
    const values = pattern ? [...tensorNumbers(pattern)] : [];
    for (let at = 0; at < values.length; at += 4)
      expect(values.slice(at, at + 4).filter((value) => value !== 0)).toHaveLength(2);
    expect(() => pruneWeights(encodeModel(withoutLayers()), 0.5)).toThrow(/no layer has constant float32 weights/);
  });
});

function withoutLayers() {
  const graph = new GraphBuilder('none', 13);
  const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
  graph.output(graph.node('Cast', [pixels], { to: 1 }, 'scores'), 'float32', ['batch', size, size, 3]);
  return graph.model();
}

/** A branch whose channels are added to those of the stem. */
function residual() {
  const graph = new GraphBuilder('residual', 13);
  const pixels = graph.input('images', 'float32', ['batch', 3, size, size]);
  const conv = (value: string, from: number, name: string): string =>
    graph.node('Conv', [value, graph.floats(`${name}_w`, [16, from, 1, 1], wave(16 * from, 1.3))], {}, name);
  const stem = graph.node('Tanh', [conv(pixels, 3, 'stem')]);
  graph.output(graph.node('Add', [stem, conv(stem, 16, 'branch')]), 'float32', ['batch', 16, size, size]);
  return graph.model();
}
