import { describe, expect, it } from 'vitest';
import { scoresOf } from '../src/compare/scores.ts';
import { optimiseInt8, pruneWeights } from '../src/index.ts';
import { Int8Writer } from '../src/int8/write-int8.ts';
import { decodeModel, encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { tensorNumbers } from '../src/onnx/tensor.ts';
import { profileOperators } from '../src/profile/profile-operators.ts';
import { randomPictures } from '../src/random-pictures.ts';

const [size, width] = [16, 32];
const pixels = randomPictures(16, size, size, 3);
const sample = { pixels, count: 16, width: size, height: size };
const wave = (count: number, by: number): number[] => Array.from({ length: count }, (_, n) => Math.sin(n * by + 1));

/** Patches as tokens, three products with one value, attention, a product with bias, GELU, a mean, a dense layer. */
function smallTransformer(): Uint8Array {
  const graph = new GraphBuilder('transformer', 17);
  const matrix = (value: string, name: string, inputs: number, outputs: number, by: number): string =>
    graph.node('MatMul', [
      value,
      graph.floats(
        name,
        [inputs, outputs],
        wave(inputs * outputs, by).map((weight) => weight / Math.sqrt(inputs)),
      ),
    ]);
  const images = graph.input('images', 'uint8', ['batch', size, size, 3]);
  const cast = graph.node('Cast', [graph.node('Transpose', [images], { perm: [0, 3, 1, 2] })], { to: 1 });
  const scaled = graph.node('Mul', [cast, graph.floats('scale', [], [1 / 255])]);
  const patches = graph.node('Conv', [scaled, graph.floats('patch', [width, 3, 4, 4], wave(width * 48, 1.7))], {
    strides: [4, 4],
  });
  const tokens = graph.node('Transpose', [graph.node('Reshape', [patches, graph.list([0, width, -1])])], {
    perm: [0, 2, 1],
  });
  const norm = graph.node('LayerNormalization', [tokens, graph.floats('gain', [width], new Array(width).fill(1))]);
  const [query = '', key = '', value = ''] = ['q', 'k', 'v'].map((name, n) => matrix(norm, name, width, width, 2 + n));
  const alike = graph.node('Softmax', [
    graph.node('MatMul', [query, graph.node('Transpose', [key], { perm: [0, 2, 1] })]),
  ]);
  const seen = graph.node('Add', [tokens, matrix(graph.node('MatMul', [alike, value]), 'out', width, width, 5.3)]);
  const wide = graph.node(
    'Add',
    [graph.floats('b1', [64], wave(64, 0.9)), matrix(seen, 'w1', width, 64, 6.1)],
    {},
    'wide',
  );
  const gelu = graph.node('Mul', [
    wide,
    graph.node('Sigmoid', [graph.node('Mul', [wide, graph.floats('c', [], [1.7])])]),
  ]);
  const narrow = graph.node('Add', [matrix(gelu, 'w2', 64, width, 7.7), graph.floats('b2', [width], wave(width, 0.3))]);
  const mean = graph.node('ReduceMean', [narrow], { axes: [1], keepdims: 0 });
  const logits = graph.node('Gemm', [mean, graph.floats('head', [width, 5], wave(width * 5, 3.1))]);
  graph.output(graph.node('Softmax', [logits], {}, 'scores'), 'float32', ['batch', 5]);
  return encodeModel(graph.model());
}

describe('products of a value and a matrix', () => {
  it('become bytes as convolutions do; products of two values stay', async () => {
    const float = smallTransformer();
    const made = await optimiseInt8(float, { ...sample, count: 12 }, { agreement: 0.5 });
    expect(made).toMatchObject({ layers: 8, kept: [] });
    expect(made.weightShare).toBeGreaterThan(0.9);
    const unseen = { ...sample, pixels: pixels.slice(12 * size * size * 3), count: 4 };
    const [wanted, given] = [await scoresOf(float, unseen), await scoresOf(made.graph, unseen)];
    for (const [at, score] of wanted.values.entries())
      expect(Math.abs((given.values[at] ?? Number.NaN) - score)).toBeLessThan(0.05);
    expect(given.values).not.toEqual(wanted.values);
  });

  it('run in kernels of bytes, one scale for each column, and give the exact numbers there', async () => {
    const { graph, sessionConfig } = await optimiseInt8(smallTransformer(), sample, {
      method: 'min-max',
      agreement: 0.5,
    });
    expect(sessionConfig).toMatchObject({ 'session.x64quantprecision': '0' });
    expect(await scoresOf(graph, sample, { config: sessionConfig })).toEqual(await scoresOf(graph, sample));
    const speeds = { float32PerSecond: 1e9, int8PerSecond: 1e9, cacheBytesPerSecond: 1e9, memoryBytesPerSecond: 1e9 };
    const { nodes } = await profileOperators({ graph, sessionConfig }, sample, {
      batch: 2,
      threads: 1,
      roof: { threads: 1, ...speeds },
      seconds: 0.1,
    });
    const count = (operator: string): number => nodes.filter((node) => node.operator === operator).length;
    expect([count('MatMulIntegerToFloat'), count('QGemm'), count('QLinearConv')]).toEqual([6, 1, 1]);
    expect(count('MatMul') + count('FusedMatMul')).toBe(2);
  });

  it('take back in the bias behind them what rounding the weights does to the mean', () => {
    const model = decodeModel(smallTransformer());
    const range = { low: -3, high: 3 };
    const ranges = new Map(model.graph.node.flatMap(({ output }) => output.map((name) => [name, range] as const)));
    const w1 = model.graph.node.find(({ input }) => input[1] === 'w1')?.input[0] ?? '';
    const means = new Map([[w1, new Float64Array(width).fill(0.5)]]);
    const biasOf = (written: ReturnType<Int8Writer['write']>): number[] =>
      Array.from(tensorNumbers(written.graph.initializer.find(({ name }) => name === 'b1') ?? ({} as never)));
    const writer = new Int8Writer(model);
    const plain = biasOf(writer.write({ ranges }));
    expect(plain).toEqual(Array.from(Float32Array.from(wave(64, 0.9))));
    const corrected = biasOf(writer.write({ ranges, channelMeans: means }));
    expect(corrected).not.toEqual(plain);
    // By less than half a step of every weight could make together.
    for (const [n, value] of corrected.entries()) expect(Math.abs(value - (plain[n] ?? 0))).toBeLessThan(0.02);
  });

  it('are pruned along what each column reads', () => {
    const { graph } = pruneWeights(smallTransformer(), '2:4');
    const tensor = decodeModel(graph).graph.initializer.find(({ name }) => name === 'w1');
    const weights = Array.from(tensor ? tensorNumbers(tensor) : []);
    const zeros = (column: number, from: number): number =>
      [0, 1, 2, 3].filter((row) => weights[(from + row) * 64 + column] === 0).length;
    for (let column = 0; column < 64; column += 1)
      for (let from = 0; from < width; from += 4) expect(zeros(column, from)).toBe(2);
  });
});
