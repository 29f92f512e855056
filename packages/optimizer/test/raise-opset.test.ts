import { describe, expect, it } from 'vitest';
import { optimiseInt8 } from '../src/index.ts';
import { decodeModel, encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { raiseOpset } from '../src/onnx/raise-opset.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { scoresOf } from './support/run-graph.ts';

const size = 16;
const classes = 5;

const wave = (count: number, by: number): number[] => Array.from({ length: count }, (_, n) => Math.sin(n * by + 1));

/** What changed its form on the way to operator set 13, as operator set 9 has it. */
function oldGraph({ enlarged = false } = {}): Uint8Array {
  const graph = new GraphBuilder('old', 9);
  const pixels = graph.input('images', 'uint8', ['batch', size, size, 3]);
  const cast = graph.node('Cast', [graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] })], { to: 1 });
  const scaled = graph.node('Mul', [cast, graph.floats('scale', [], [1 / 255])]);
  const padded = graph.node('Pad', [scaled], { pads: [0, 0, 1, 1, 0, 0, 1, 1], mode: 'reflect' });
  const first = graph.node('Conv', [padded, graph.floats('w1', [8, 3, 3, 3], wave(216, 1.7))]);
  const relu6 = graph.node('Clip', [first], { min: { float: 0 }, max: { float: 6 } });
  const capped = graph.node('Clip', [graph.node('Clip', [relu6], { max: { float: 1.5 } })], { min: { float: 0.01 } });
  const cut = graph.node('Slice', [capped], { starts: [1, 2], ends: [15, 16], axes: [2, 3] });
  const outside = graph.node('Pad', [cut], { pads: [0, 0, 0, 1, 0, 0, 0, 0], value: { float: 0.5 } });
  const shown = enlarged ? graph.node('Upsample', [outside, graph.floats('scales', [4], [1, 1, 2, 2])]) : outside;
  const sum = graph.node('ReduceSum', [shown], { axes: [3], keepdims: 1 });
  const mean = graph.node('GlobalAveragePool', [sum]);
  const flat = graph.node(
    'Squeeze',
    [graph.node('Unsqueeze', [graph.node('Squeeze', [mean], { axes: [3] })], { axes: [3] })],
    {
      axes: [2, 3],
    },
  );
  const kept = graph.node('Dropout', [flat], { ratio: { float: 0.4 } });
  const logits = graph.node('Gemm', [
    kept,
    graph.floats('w3', [8, classes], wave(40, 3.1)),
    graph.floats('b3', [classes], wave(5, 1)),
  ]);
  graph.output(graph.node('Softmax', [logits], {}, 'scores'), 'float32', ['batch', classes]);
  return encodeModel({ ...graph.model(), irVersion: 4 });
}

const pixels = randomPictures(8, size, size, 3);
const sample = { pixels, count: 8, width: size, height: size };

describe('a graph of an older operator set', () => {
  it('gives the same scores when it is raised to 13', async () => {
    const model = decodeModel(oldGraph());
    raiseOpset(model);
    expect(model.opsetImport).toMatchObject([{ version: 13 }]);
    const wanted = await scoresOf(oldGraph(), pixels, [8, size, size, 3]);
    expect(await scoresOf(encodeModel(model), pixels, [8, size, size, 3])).toEqual(wanted);
  });

  it('becomes int8', async () => {
    const made = await optimiseInt8(oldGraph(), sample, { agreement: 0 });
    expect(made).toMatchObject({ layers: 2, kept: [] });
    const wanted = await scoresOf(oldGraph(), pixels, [8, size, size, 3]);
    const given = await scoresOf(made.graph, pixels, [8, size, size, 3]);
    expect(given).not.toEqual(wanted);
    for (const [at, score] of wanted.entries()) expect(Math.abs((given[at] ?? Number.NaN) - score)).toBeLessThan(0.05);
  });

  it('is refused where an operator of it has no counterpart', async () => {
    const pictures = optimiseInt8(oldGraph({ enlarged: true }), sample);
    await expect(pictures).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/need operator set 13; its own, 9, cannot be raised: .*Upsample/) as string,
    });
  });

  it('is refused where it means something else in operator set 13', async () => {
    const graph = new GraphBuilder('flattens', 12);
    const input = graph.input('images', 'uint8', ['batch', size, size, 3]);
    const cast = graph.node('Cast', [graph.node('Transpose', [input], { perm: [0, 3, 1, 2] })], { to: 1 });
    const made = graph.node('Conv', [cast, graph.floats('w', [classes, 3, 3, 3], wave(135, 1.7))]);
    // Over channels and places until 12, over channels alone from 13 on.
    const mean = graph.node('GlobalAveragePool', [graph.node('Softmax', [made])]);
    graph.output(graph.node('Flatten', [mean], {}, 'scores'), 'float32', ['batch', classes]);
    await expect(optimiseInt8(encodeModel(graph.model()), sample)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('it gives other scores then') as string,
    });
  });
});
