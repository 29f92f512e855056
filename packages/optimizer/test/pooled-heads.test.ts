import { describe, expect, it } from 'vitest';
import { explainGraphs } from '../src/index.ts';
import { encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { channelGroups } from '../src/prune/channel-groups.ts';
import { graphFile, graphOf, imported, operators } from './support/served.ts';
import { fileOf, labels, numbers, type SmallModel, size, smallModel } from './support/small-models.ts';

const channels = 8;
type Pool = NonNullable<SmallModel['pool']>;

const mean = (graph: GraphBuilder, value: string, axes: readonly number[], keepdims: 0 | 1): string =>
  graph.node('ReduceMean', [value, graph.list(axes)], { keepdims, noop_with_empty_axes: 0 });

/** Places in memory of `[batch, 8, 1, 1]`, as PyTorch computes them. */
function strided(graph: GraphBuilder, means: string): string {
  const scalar = (value: number): string => graph.ints(`whole_${value}`, [], [value]);
  const count = graph.node('Gather', [graph.node('Shape', [means]), scalar(0)]);
  const pictures = graph.node('Mul', [graph.node('Range', [scalar(0), count, scalar(1)]), scalar(channels)]);
  const rows = graph.node('Unsqueeze', [pictures, graph.list([1, 2, 3])]);
  const places = graph.ints(
    'places',
    [1, channels, 1, 1],
    Array.from({ length: channels }, (_, n) => n),
  );
  const row = graph.node('Reshape', [means, graph.list([-1])]);
  return graph.node('Gather', [row, graph.node('Add', [rows, places])]);
}

/** The same for a fixed number of pictures. */
function stridedFor(batch: number): Pool {
  return (graph, value) => {
    const row = graph.node('Reshape', [mean(graph, value, [-1, -2], 1), graph.list([-1])]);
    const all = Array.from({ length: batch * channels }, (_, n) => n);
    const view = graph.node('Gather', [row, graph.ints('places', [batch, channels, 1, 1], all)]);
    return graph.node('Reshape', [view, graph.list([batch, channels])], { allowzero: 1 });
  };
}

const forms: Readonly<Record<string, SmallModel>> = {
  'a mean that drops the axes': { opset: 18, pool: (graph, value) => mean(graph, value, [2, 3], 0) },
  'a mean with its axes as an attribute': {
    pool: (graph, value) => graph.node('ReduceMean', [value], { axes: [-2, -1], keepdims: 0 }),
  },
  'a mean, a view by places in memory, and a shape': {
    opset: 18,
    pool: (graph, value) =>
      graph.node('Reshape', [strided(graph, mean(graph, value, [-1, -2], 1)), graph.list([-1, channels])]),
  },
  'a mean and Squeeze': {
    opset: 18,
    pool: (graph, value) => graph.node('Squeeze', [mean(graph, value, [-1, -2], 1), graph.list([-1, -2])]),
  },
  'a mean and a shape that is computed': {
    opset: 18,
    pool: (graph, value) => {
      const means = mean(graph, value, [2, 3], 1);
      const batch = graph.node('Slice', [graph.node('Shape', [means]), graph.list([0]), graph.list([1])]);
      return graph.node('Reshape', [means, graph.node('Concat', [batch, graph.list([-1])], { axis: 0 })]);
    },
  },
  'the same for one picture, whose places are constants': { opset: 18, batch: 1, pool: stridedFor(1) },
  'the same for two pictures': { opset: 18, batch: 2, pool: stridedFor(2) },
};

async function importedOf(model: SmallModel) {
  const result = await imported(fileOf(smallModel(model)), { range: '0..1' });
  return { file: graphFile(result), graph: graphOf(result), notes: result.notes };
}

describe('the head of an export of PyTorch', () => {
  for (const [name, form] of Object.entries(forms))
    it(`is GlobalAveragePool and Flatten where it was ${name}`, async () => {
      const [plain, given] = [await importedOf({ opset: form.opset ?? 13 }), await importedOf(form)];
      expect(given.graph.node.map(({ opType }) => opType)).toEqual(plain.graph.node.map(({ opType }) => opType));
      expect(given.notes.join('\n')).not.toMatch(/left out|one picture after the other/);
      expect(channelGroups(given.graph)).toHaveLength(1);
      const [output] = given.graph.output;
      expect(explainGraphs(given.file, output?.name ?? '', labels.length)).toBeDefined();
    });

  it('has its layer normalisation behind the flattened means, as in ConvNeXt, so that heat maps are exact', async () => {
    const pool: Pool = (graph, value) => {
      const places = graph.node('Transpose', [mean(graph, value, [-1, -2], 1)], { perm: [0, 2, 3, 1] });
      const [scale, shift] = ['scale', 'shift'].map((name, n) =>
        graph.floats(name, [channels], numbers(channels, 40 + n)),
      );
      const normal = graph.node('LayerNormalization', [places, scale ?? '', shift ?? ''], { epsilon: { float: 1e-3 } });
      const back = graph.node('Transpose', [normal], { perm: [0, 3, 1, 2] });
      return graph.node('Reshape', [back, graph.list([-1, channels])]);
    };
    const { file, graph, notes } = await importedOf({ opset: 18, pool });
    const operators = graph.node.map(({ opType }) => opType);
    expect(operators.slice(operators.indexOf('GlobalAveragePool')).slice(0, 4)).toEqual([
      'GlobalAveragePool',
      'Flatten',
      'LayerNormalization',
      'Gemm',
    ]);
    expect(notes.join()).not.toMatch(/left out/);
    expect(explainGraphs(file, graph.output[0]?.name ?? '', labels.length)).toBeDefined();
  });

  it('keeps a mean over the last two axes of a value that has three', async () => {
    const graph = new GraphBuilder('mixer', 18);
    const value = graph.input('data', 'float32', ['batch', 3, size, size]);
    const [mixing, wide] = [graph.floats('mix', [1, channels, 1], numbers(channels, 3)), graph.list([0, 1, -1])];
    const tokens = graph.node('Mul', [graph.node('Reshape', [value, wide]), mixing]);
    const one = mean(graph, tokens, [-1, -2], 0);
    const weights = graph.floats('w', [1, labels.length], numbers(labels.length, 4));
    const column = graph.node('Unsqueeze', [one, graph.list([1])]);
    graph.output(graph.node('MatMul', [column, weights]), 'float32', ['batch', labels.length]);
    const result = await imported(encodeModel(graph.model()), { range: '0..1' });
    expect(operators(result)).toContain('ReduceMean');
    expect(result.notes.join()).not.toMatch(/left out/);
  });
});
