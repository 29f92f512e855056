import { describe, expect, it } from 'vitest';
import { quantiseInt8 } from '../src/index.ts';
import { byteScaleOf, quantiseSymmetric } from '../src/int8/quantise-values.ts';
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

describe('int8', () => {
  it('has 0 among its bytes, whatever the range', () => {
    expect(byteScaleOf(0, 6)).toEqual({ scale: Math.fround(6 / 255), zeroPoint: 0 });
    expect(byteScaleOf(2, 4)).toEqual({ scale: Math.fround(4 / 255), zeroPoint: 0 });
    expect(byteScaleOf(-1, 3).zeroPoint).toBe(64);
    expect(byteScaleOf(-3, -1).zeroPoint).toBe(255);
  });

  it('gives each output channel a scale of its own, along either axis', () => {
    const rows = quantiseSymmetric([1, -0.3, 100, 30], [2, 2], 0);
    expect([...rows.bytes]).toEqual([127, -38, 127, 38]);
    expect(rows.scales[1]).toBeCloseTo(100 / 127, 5);
    const columns = quantiseSymmetric([1, 30, -0.3, 100], [2, 2], 1);
    expect([...columns.bytes]).toEqual([127, 38, -38, 127]);
    expect([...quantiseSymmetric([0, 0], [1, 2], 0).bytes]).toEqual([0, 0]);
  });

  it('keeps the scores of the float32 graph for pictures that it was not calibrated with', async () => {
    const float = smallGraph();
    const pixels = randomPictures(12, size, size, 3);
    const int8 = await quantiseInt8(float, { pixels, count: 8, width: size, height: size });
    const weights = decodeModel(int8).graph.initializer.filter(({ dataType }) => dataType === 3);
    expect(weights.filter(({ name }) => /^weights(_\d+)?$/.test(name))).toHaveLength(3);
    const unseen = pixels.slice(8 * size * size * 3);
    const [wanted, given] = [
      await scoresOf(float, unseen, [4, size, size, 3]),
      await scoresOf(int8, unseen, [4, size, size, 3]),
    ];
    for (const [at, score] of wanted.entries()) expect(Math.abs((given[at] ?? Number.NaN) - score)).toBeLessThan(0.03);
    expect([...given]).not.toEqual([...wanted]);
  });

  it('is refused for an operator set without scales a channel', async () => {
    const pictures = { pixels: randomPictures(1, size, size), count: 1, width: size, height: size };
    await expect(quantiseInt8(smallGraph(12), pictures)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});
