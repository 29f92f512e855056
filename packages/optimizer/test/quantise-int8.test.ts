import { describe, expect, it } from 'vitest';
import { layerNoise } from '../src/compare/layer-noise.ts';
import { scoresOf as sampleScores } from '../src/compare/scores.ts';
import { optimiseInt8 } from '../src/index.ts';
import { chooseRange } from '../src/int8/choose-range.ts';
import { equalise } from '../src/int8/equalise.ts';
import { byteScaleOf, quantiseChannel } from '../src/int8/quantise-values.ts';
import { decodeModel, encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { scoresOf } from './support/run-graph.ts';

const size = 16;

/** A convolution with an activation, a depthwise one, a sum, a mean, a dense layer. */
function smallGraph(opset = 13): Uint8Array {
  const graph = new GraphBuilder('small', opset);
  const wave = (count: number, by: number): number[] => Array.from({ length: count }, (_, n) => Math.sin(n * by + 1));
  const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
  const cast = graph.node('Cast', [graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: 1 });
  const scaled = graph.node('Mul', [cast, graph.floats('scale', [], [1 / 255])]);
  const first = graph.node('Conv', [scaled, graph.floats('w1', [8, 3, 3, 3], wave(216, 1.7))], { pads: [1, 1, 1, 1] });
  const active = graph.node('Relu', [first]);
  const weights = graph.floats('w2', [8, 1, 3, 3], wave(72, 2.3));
  const depthwise = graph.node('Conv', [active, weights], { pads: [1, 1, 1, 1], group: 8 });
  const mean = graph.node('GlobalAveragePool', [graph.node('Add', [active, depthwise])]);
  const features = graph.node('Flatten', [mean]);
  const logits = graph.node('Gemm', [features, graph.floats('w3', [8, 5], wave(40, 3.1))]);
  graph.output(graph.node('Softmax', [logits], {}, 'scores'), 'float32', ['batch', 5]);
  return encodeModel(graph.model());
}

function channelOf(weights: Float64Array, pairs: boolean): { bytes: Int8Array; scale: number } {
  const bytes = new Int8Array(weights.length);
  return { scale: quantiseChannel(weights, pairs, bytes), bytes };
}

describe('int8', () => {
  it('has 0 among its bytes, whatever the range', () => {
    expect(byteScaleOf(0, 6)).toEqual({ scale: Math.fround(6 / 255), zeroPoint: 0 });
    expect(byteScaleOf(2, 4)).toEqual({ scale: Math.fround(4 / 255), zeroPoint: 0 });
    expect(byteScaleOf(-1, 3).zeroPoint).toBe(64);
    expect(byteScaleOf(-3, -1).zeroPoint).toBe(255);
  });

  it('gives a channel the scale that its largest weight needs', () => {
    const { bytes, scale } = channelOf(Float64Array.of(1, -0.3), false);
    expect([...bytes]).toEqual([127, -38]);
    expect(scale).toBeCloseTo(1 / 127, 6);
    expect([...channelOf(Float64Array.of(0, 0), true).bytes]).toEqual([0, 0]);
  });

  it('keeps the sum of two neighbours small enough for 16 bits, and alters nothing else', () => {
    const random = randomPictures(1, 16, 16, 5);
    for (let first = 0; first + 9 <= random.length; first += 9) {
      const weights = Float64Array.from(random.subarray(first, first + 9), (value) => value - 128);
      const { bytes } = channelOf(weights, true);
      for (let at = 0; at + 1 < bytes.length; at += 2)
        expect(Math.abs((bytes[at] ?? 0) + (bytes[at + 1] ?? 0))).toBeLessThanOrEqual(128);
    }
    // Signs that differ and neighbours that are small need no other scale.
    const apart = Float64Array.of(1, -1, 1, 0.001);
    expect(channelOf(apart, true)).toEqual(channelOf(apart, false));
  });

  it('chooses ranges: all of it, or without what is rare', () => {
    const counts = new Float64Array(2048).map((_, bin) => Math.floor(1e6 * Math.exp(-bin / 30)));
    counts[2047] = 1;
    const seen = { low: 0, high: 100, counts, channelMeans: new Float64Array(1), channelSizes: new Float64Array(1) };
    expect(chooseRange(seen, 'min-max')).toEqual({ low: 0, high: 100 });
    for (const method of ['percentile', 'mse', 'entropy'] as const) {
      const { low, high } = chooseRange(seen, method);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeGreaterThan(9);
      // The squared distance of the one that is far off counts by itself.
      expect(high).toBeLessThan(method === 'mse' ? 99 : 40);
    }
  });

  it('keeps the scores of the float32 graph for pictures that it was not calibrated with', async () => {
    const float = smallGraph();
    const pixels = randomPictures(12, size, size, 3);
    const made = await optimiseInt8(float, { pixels, count: 8, width: size, height: size });
    const { node, initializer } = decodeModel(made.graph).graph;
    expect(made).toMatchObject({ layers: 3, kept: [] });
    expect(made.weightShare).toBeGreaterThan(0.9);
    expect(made.weightShare).toBeLessThan(1);
    expect(initializer.filter(({ dataType }) => dataType === 3).length).toBe(6);
    expect(node.filter(({ opType }) => opType === 'QuantizeLinear').length).toBeGreaterThan(4);
    const unseen = pixels.slice(8 * size * size * 3);
    const wanted = await scoresOf(float, unseen, [4, size, size, 3]);
    const given = await scoresOf(made.graph, unseen, [4, size, size, 3]);
    for (const [at, score] of wanted.entries()) expect(Math.abs((given[at] ?? Number.NaN) - score)).toBeLessThan(0.02);
    expect([...given]).not.toEqual([...wanted]);
  });

  it('gives the same numbers with the fastest kernels as with the exact ones', async () => {
    const pixels = randomPictures(16, size, size, 9);
    const sample = { pixels, count: 16, width: size, height: size };
    const { graph, sessionConfig } = await optimiseInt8(smallGraph(), sample, { method: 'min-max' });
    expect(sessionConfig).toMatchObject({ 'session.x64quantprecision': '0' });
    const exact = await sampleScores(graph, sample);
    expect(await sampleScores(graph, sample, { config: sessionConfig })).toEqual(exact);
  });

  it('keeps layers in float32 until the labels agree, a quarter of them at most', async () => {
    const pixels = randomPictures(8, size, size, 3);
    const sample = { pixels, count: 8, width: size, height: size };
    const made = await optimiseInt8(smallGraph(), sample, { agreement: 1, method: 'min-max' });
    const { tried, kept, layers } = made;
    expect(kept.length).toBeLessThanOrEqual(Math.max(1, layers / 4));
    expect(made).toMatchObject({ wanted: 1, agreement: Math.max(...tried.map(({ top1 }) => top1)) });
    expect(tried[0]).toMatchObject({ what: 'min-max' });
  });

  it('tries the ranges of the other methods before a layer stays in float32', async () => {
    const count = 8;
    const length = size * size * 3;
    const brightness = (at: number): number => (1 + ((Math.floor(at / length) * 5) % 8)) / 8;
    const pixels = randomPictures(count, size, size, 41).map((value, at) => value * brightness(at));
    const made = await optimiseInt8(closeCalls(), { pixels, count, width: size, height: size }, { agreement: 1 });
    const whole = made.tried.filter(({ what }) => !what.includes(' '));
    expect(whole.length).toBeGreaterThan(1);
    expect(whole.slice(0, -1).every(({ top1 }) => top1 < 1)).toBe(true);
    expect(made).toMatchObject({ agreement: 1, kept: [], method: whole.at(-1)?.what });
  });

  it('equalises channels without changing one bit of the float32 scores', async () => {
    const float = smallGraph();
    const model = decodeModel(float);
    expect(equalise(model, () => [6, 0.1, 1, 1, 0.7, 0, 3, 0.01])).toBe(0);
    const pair = decodeModel(plainPair());
    expect(equalise(pair, () => [6, 0.1, 1, 1])).toBe(1);
    const pixels = randomPictures(4, size, size, 3);
    const before = await scoresOf(plainPair(), pixels, [4, size, size, 3]);
    expect(await scoresOf(encodeModel(pair), pixels, [4, size, size, 3])).toEqual(before);
    expect(encodeModel(pair)).not.toEqual(plainPair());
  });

  it('keeps what channels with next to no weights have for a bias', async () => {
    const biases = [0.8, -1.515, 0.31, 2];
    const graph = new GraphBuilder('dead', 13);
    const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
    const cast = graph.node('Cast', [graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: 1 });
    const weights = [0, 1e-12, 1e-30, 0.01].flatMap((weight) => [weight, -weight, weight]);
    const first = graph.node('Conv', [cast, graph.floats('w', [4, 3, 1, 1], weights), graph.floats('b', [4], biases)]);
    const flat = graph.node('Flatten', [graph.node('GlobalAveragePool', [first])]);
    graph.output(graph.node('Identity', [flat], {}, 'scores'), 'float32', ['batch', 4]);
    const float = encodeModel(graph.model());
    const sample = { pixels: randomPictures(8, size, size, 3), count: 8, width: size, height: size };
    const made = await optimiseInt8(float, sample, { method: 'min-max', agreement: 0 });
    const [before, after] = [await sampleScores(float, sample), await sampleScores(made.graph, sample)];
    for (const [n, value] of before.values.entries())
      expect(Math.abs(value - (after.values[n] ?? 0))).toBeLessThan(0.02);
  });

  it.each([
    [-1, 1],
    [0.25, 3],
    [undefined, 0.5],
    [-0.5, undefined],
    // Nothing ever gets there: its bytes go far beyond the bounds.
    [0, 6, -1000],
  ])('keeps the bounds of a layer whose bytes do not end at them: %s to %s', async (low, high, bias = 0) => {
    const graph = new GraphBuilder('cut', 13);
    const wave = (count: number, by: number): number[] => Array.from({ length: count }, (_, n) => Math.sin(n * by + 1));
    const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
    const cast = graph.node('Cast', [graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: 1 });
    const scaled = graph.node('Mul', [cast, graph.floats('scale', [], [1 / 255])]);
    const first = graph.node('Conv', [
      scaled,
      graph.floats('w1', [8, 3, 3, 3], wave(216, 1.7)),
      graph.floats('b1', [8], Array<number>(8).fill(bias)),
    ]);
    const bound = (name: string, value: number | undefined): string =>
      value === undefined ? '' : graph.floats(name, [], [value]);
    const cut = graph.node(
      'Clip',
      [first, bound('low', low), bound('high', high)].slice(0, high === undefined ? 2 : 3),
    );
    const second = graph.node('Conv', [cut, graph.floats('w2', [5, 8, 3, 3], wave(360, 2.3))]);
    const flat = graph.node('Flatten', [graph.node('GlobalAveragePool', [second])]);
    graph.output(graph.node('Identity', [flat], {}, 'scores'), 'float32', ['batch', 5]);
    const float = encodeModel(graph.model());
    const sample = { pixels: randomPictures(8, size, size, 3), count: 8, width: size, height: size };
    const made = await optimiseInt8(float, sample, { method: 'min-max', agreement: 0 });
    const [before, after] = [await sampleScores(float, sample), await sampleScores(made.graph, sample)];
    for (const [n, value] of before.values.entries())
      expect(Math.abs(value - (after.values[n] ?? Number.NaN))).toBeLessThan(0.05);
  });

  it('measures the noise of equalised layers against the values that they stand for', async () => {
    const sample = { pixels: randomPictures(8, size, size, 3), count: 8, width: size, height: size };
    const float = plainPair();
    const { graph, equalised, layerReference } = await optimiseInt8(float, sample, { method: 'min-max', agreement: 0 });
    expect(equalised).toBe(1);
    expect(await sampleScores(layerReference, sample)).toEqual(await sampleScores(float, sample));
    const first = async (reference: Uint8Array) => (await layerNoise(reference, graph, sample))[0]?.decibels;
    expect(await first(layerReference)).toBeGreaterThan(25);
    // Its channels are larger or smaller there, which is no noise.
    expect(await first(float)).toBeLessThan(20);
  });
});

/** Thirty classes whose scores lie close to each other. */
function closeCalls(): Uint8Array {
  const graph = new GraphBuilder('close', 13);
  const by = 1.1 + 41 * 0.137;
  const wave = (count: number, step: number): number[] =>
    Array.from({ length: count }, (_, n) => Math.sin(n * step + 1));
  const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
  const cast = graph.node('Cast', [graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: 1 });
  const scaled = graph.node('Mul', [cast, graph.floats('scale', [], [1 / 255])]);
  const first = graph.node('Relu', [graph.node('Conv', [scaled, graph.floats('w1', [8, 3, 3, 3], wave(216, by))])]);
  const second = graph.node('Conv', [first, graph.floats('w2', [8, 8, 3, 3], wave(576, by * 1.37))]);
  const features = graph.node('Flatten', [graph.node('GlobalAveragePool', [graph.node('Relu', [second])])]);
  const logits = graph.node('Gemm', [features, graph.floats('w3', [8, 30], wave(240, by * 0.71))]);
  graph.output(graph.node('Softmax', [logits], {}, 'scores'), 'float32', ['batch', 30]);
  return encodeModel(graph.model());
}

/** Two convolutions with a ReLU between them, the second by channel. */
function plainPair(): Uint8Array {
  const graph = new GraphBuilder('pair', 13);
  const wave = (count: number, by: number): number[] => Array.from({ length: count }, (_, n) => Math.sin(n * by + 1));
  const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
  const cast = graph.node('Cast', [graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: 1 });
  const first = graph.node('Conv', [
    cast,
    graph.floats('w1', [4, 3, 1, 1], wave(12, 1.7)),
    graph.floats('b1', [4], wave(4, 0.3)),
  ]);
  const second = graph.node('Conv', [graph.node('Relu', [first]), graph.floats('w2', [4, 1, 3, 3], wave(36, 2.3))], {
    group: 4,
  });
  const flat = graph.node('Flatten', [graph.node('GlobalAveragePool', [second])]);
  graph.output(graph.node('Identity', [flat], {}, 'scores'), 'float32', ['batch', 4]);
  return encodeModel(graph.model());
}
