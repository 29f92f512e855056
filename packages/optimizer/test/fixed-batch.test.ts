import { describe, expect, it } from 'vitest';
import { encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { ownScores } from './support/own-scores.ts';
import { expectScores, imported, operators } from './support/served.ts';
import { labels, numbers, size, softmax } from './support/small-models.ts';

const channels = 6;
const patch = 8;
const patches = (size / patch) ** 2;

interface TokenOptions {
  /** A parameter, or the mean of the patches, twice. */
  readonly token?: 'constant' | 'expanded';
  readonly tokenOf?: (picture: number) => number;
}

/** A small transformer as PyTorch exports it for so many pictures: each shape is a constant, and the class token stands there for each. */
function tokenModel(
  batch: number | 'batch',
  { token = 'constant', tokenOf = (_: number): number => 0 }: TokenOptions = {},
) {
  const graph = new GraphBuilder('tokens', 18);
  const value = graph.input('data', 'float32', [batch, 3, size, size]);
  const extra = token === 'constant' ? 1 : 2;
  const tokens = patches + extra;
  const first = batch === 'batch' ? -1 : batch;
  const many = batch === 'batch' ? 1 : batch;
  const shaped = (from: string, dims: readonly number[]): string =>
    graph.node('Reshape', [from, graph.list(dims)], { allowzero: 1 });
  const weights = graph.floats('patches', [channels, 3, patch, patch], numbers(channels * 3 * patch ** 2, 1));
  const embedded = graph.node('Conv', [value, weights], { kernel_shape: [patch, patch], strides: [patch, patch] });
  const rows = graph.node('Transpose', [shaped(embedded, [first, channels, patches])], { perm: [0, 2, 1] });
  const one = numbers(channels, 2);
  const all = Float32Array.from({ length: many * channels }, (_, at) => {
    const picture = Math.floor(at / channels);
    return (one[at % channels] ?? 0) + tokenOf(picture);
  });
  const constant = graph.floats('token', [many, 1, channels], all);
  const shape = (): string => {
    if (batch !== 'batch') return graph.list([batch, extra, channels]);
    const count = graph.node('Gather', [graph.node('Shape', [value]), graph.list([0])]);
    return graph.node('Concat', [count, graph.list([extra, channels])], { axis: 0 });
  };
  const mean = (of: string, keepdims: 0 | 1): string => graph.node('ReduceMean', [of, graph.list([1])], { keepdims });
  const isConstant = token === 'constant' && batch !== 'batch';
  const own = isConstant ? constant : graph.node('Expand', [token === 'constant' ? constant : mean(rows, 1), shape()]);
  const sequence = graph.node('Concat', [own, rows], { axis: 1 });
  const flat = shaped(sequence, [batch === 'batch' ? -1 : batch * tokens, channels]);
  const mixed = graph.node('MatMul', [flat, graph.floats('mix', [channels, channels], numbers(channels ** 2, 3))]);
  const back = shaped(graph.node('Tanh', [mixed]), [first, tokens, channels]);
  const dense = graph.floats(
    'dense',
    [channels, labels.length],
    numbers(channels * labels.length, 4).map((each) => each * 6),
  );
  graph.output(graph.node('Gemm', [mean(back, 0), dense]), 'float32', [batch, labels.length]);
  return encodeModel(graph.model());
}

const pictures = randomPictures(5, size, size, 3);
const expected = async (options: TokenOptions) =>
  (await ownScores(tokenModel('batch', options), pictures, { scale: 1 / 255 })).map((row) => softmax(row));

describe('a transformer that was exported for a fixed number of pictures', () => {
  for (const batch of [1, 2])
    for (const token of ['constant', 'expanded'] as const)
      it(`takes any: ${batch}, with tokens that are ${token}`, async () => {
        const result = await imported(tokenModel(batch, { token }), { range: '0..1' });
        expect(result.notes).toContain(`batch: any (the file was made for ${batch})`);
        expect(operators(result)).not.toContain('Scan');
        await expectScores(result, pictures, await expected({ token }));
      });

  it('is refused where it treats the second picture otherwise than the first', async () => {
    const uneven = tokenModel(2, { tokenOf: (picture) => picture });
    await expect(imported(uneven, { range: '0..1' })).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});
