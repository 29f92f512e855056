import { describe, expect, it } from 'vitest';
import type { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { ownScores } from './support/own-scores.ts';
import { expectScores, imported } from './support/served.ts';
import { dense, fileOf, size, smallModel, softmax } from './support/small-models.ts';

const pictures = randomPictures(5, size, size, 3);

describe('a model of one channel', () => {
  it.each(['nchw', 'nhwc'] as const)('is given the grey of colours: %s', async (layout) => {
    const file = fileOf(smallModel({ layout, channels: 1 }));
    const result = await imported(file, { range: '-1..1' });
    const logits = await ownScores(file, pictures, { layout, grey: true, scale: 1 / 127.5, mean: [1] });
    await expectScores(result, pictures, logits.map(softmax));
    expect(result.notes.join()).toMatch(/channels: one, the grey/);
  });

  it('is given whole numbers where it takes bytes', async () => {
    const file = fileOf(smallModel({ layout: 'nhwc', type: 'uint8', channels: 1 }));
    const result = await imported(file);
    const logits = await ownScores(file, pictures, { layout: 'nhwc', type: 'uint8', grey: true });
    await expectScores(result, pictures, logits.map(softmax));
  });

  it('keeps what its graph scales by itself, and takes halves', async () => {
    const front = (graph: GraphBuilder, value: string): string =>
      graph.node('Div', [value, graph.floats('most', [], [255])]);
    const file = fileOf(smallModel({ front, channels: 1 }));
    const result = await imported(file);
    expect(result.notes).toContain('range: 0..255 (the graph scales its input itself)');
    await expectScores(result, pictures, (await ownScores(file, pictures, { grey: true })).map(softmax));
    const halves = await imported(fileOf(smallModel({ type: 'float16', channels: 1 })), { range: '0..1' });
    const own = await ownScores(fileOf(smallModel({ channels: 1 })), pictures, { grey: true, scale: 1 / 255 });
    await expectScores(halves, pictures, own.map(softmax), 2);
  });

  it('has no order of colours', async () => {
    const file = fileOf(smallModel({ channels: 1 }));
    await expect(imported(file, { channels: 'bgr' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('a model of one score for two labels', () => {
  const labels = ['cat', 'dog'];
  const sigmoid = (logit = 0): number => 1 / (1 + Math.exp(-logit));
  const both = (rows: readonly (readonly number[])[]) => rows.map(([dog = 0]) => [1 - dog, dog]);

  it('gives the second label its score, and the first the rest', async () => {
    const head = (graph: GraphBuilder, features: string): string => graph.node('Sigmoid', [dense(graph, features, 1)]);
    const file = fileOf(smallModel({ head, outputDims: ['batch', 1] }));
    const result = await imported(file, { range: '0..1', labels });
    await expectScores(result, pictures, both(await ownScores(file, pictures, { scale: 1 / 255 })));
    expect(result.draft.manifest.signature.output.classes).toBe(2);
    expect(result.notes.join()).toMatch(/one score: that of "dog"; "cat" has the rest/);
  });

  it('makes a probability of a logit', async () => {
    const head = (graph: GraphBuilder, features: string): string => dense(graph, features, 1);
    const file = fileOf(smallModel({ head, outputDims: ['batch', 1], batch: 1 }));
    const result = await imported(file, { range: '0..1', labels });
    const logits = await ownScores(file, pictures, { scale: 1 / 255 });
    await expectScores(result, pictures, both(logits.map(([logit]) => [sigmoid(logit)])));
  });
});
