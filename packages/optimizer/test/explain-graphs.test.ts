import { describe, expect, it } from 'vitest';
import { explainGraphs } from '../src/index.ts';
import { encodeModel } from '../src/onnx/codec.ts';
import { GraphBuilder } from '../src/onnx/graph-builder.ts';
import { openSession, tensor } from '../src/session.ts';
import { scoresOf } from './support/run-graph.ts';
import { fileOf, numbers, smallModel } from './support/small-models.ts';

const [channels, rows, columns, classes] = [6, 3, 4, 5];
const dims = [1, channels, rows, columns];
const places = rows * columns;

type Head = (graph: GraphBuilder, features: string) => string;
const dense = (graph: GraphBuilder, value: string, from: number, to: number, name: string): string =>
  graph.node('Gemm', [
    value,
    graph.floats(name, [from, to], numbers(from * to, from)),
    graph.floats(`${name}_b`, [to], numbers(to, 3)),
  ]);
const pooled = (graph: GraphBuilder, value: string): string =>
  graph.node('Flatten', [graph.node('GlobalAveragePool', [value])]);

const heads: Record<string, Head> = {
  'global pooling and one dense layer': (graph, value) => dense(graph, pooled(graph, value), channels, classes, 'w'),
  'three dense layers with relu': (graph, value) => {
    const first = graph.node('Relu', [dense(graph, pooled(graph, value), channels, 16, 'w1')]);
    const second = graph.node('Clip', [
      dense(graph, first, 16, 12, 'w2'),
      graph.floats('low', [], [0]),
      graph.floats('high', [], [6]),
    ]);
    return dense(graph, second, 12, classes, 'w3');
  },
  'average pooling that leaves places, then a dense layer': (graph, value) => {
    const some = graph.node('AveragePool', [value], { kernel_shape: [2, 2], strides: [1, 1] });
    return dense(graph, graph.node('Flatten', [some]), channels * 6, classes, 'w');
  },
  'maximum pooling, then a dense layer': (graph, value) => {
    const some = graph.node('MaxPool', [value], { kernel_shape: [2, 2], strides: [1, 2] });
    return dense(graph, graph.node('Flatten', [some]), channels * 4, classes, 'w');
  },
  'a dense layer on all places': (graph, value) =>
    dense(graph, graph.node('Flatten', [value]), channels * places, classes, 'w'),
  'a convolution of one pixel after the pooling, and a scale': (graph, value) => {
    const weights = graph.floats('w', [classes, channels, 1, 1], numbers(classes * channels, 7));
    const scores = graph.node('Conv', [graph.node('GlobalAveragePool', [value]), weights]);
    const flat = graph.node('Reshape', [scores, graph.ints('shape', [2], [-1, classes])]);
    return graph.node('Mul', [flat, graph.floats('by', [classes], [1, -2, 3, 0.5, 1])]);
  },
  'a convolution of one pixel, hard swish, and another one, as in MobileNetV3': (graph, value) => {
    const first = graph.floats(
      'w1',
      [16, channels, 1, 1],
      numbers(16 * channels, 7).map((each) => each * 3),
    );
    const wide = graph.node('Conv', [graph.node('GlobalAveragePool', [value]), first]);
    const gated = graph.node('Mul', [
      wide,
      graph.node('HardSigmoid', [wide], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
    ]);
    const second = graph.floats('w2', [classes, 16, 1, 1], numbers(classes * 16, 9));
    return graph.node('Flatten', [graph.node('Conv', [gated, second])]);
  },
  'HardSwish, SiLU, GELU and tanh between dense layers': (graph, value) => {
    const one = graph.node('HardSwish', [dense(graph, pooled(graph, value), channels, 8, 'w1')]);
    const two = dense(graph, one, 8, 8, 'w2');
    const three = dense(graph, graph.node('Mul', [graph.node('Sigmoid', [two]), two]), 8, 8, 'w3');
    const erf = graph.node('Erf', [graph.node('Div', [three, graph.floats('root', [], [Math.SQRT2])])]);
    const gelu = graph.node('Mul', [three, graph.node('Add', [erf, graph.floats('one', [], [1])])]);
    const half = graph.node('Mul', [gelu, graph.floats('half', [], [0.5])]);
    const scores = dense(graph, graph.node('Tanh', [dense(graph, half, 8, 8, 'w4')]), 8, classes, 'w5');
    return graph.node('Mul', [scores, graph.floats('by', [], [2])]);
  },
  'a layer normalisation behind the pooling, as in ConvNeXt': (graph, value) => {
    const mean = pooled(graph, value);
    const away = graph.node('Sub', [mean, graph.node('ReduceMean', [mean], { axes: [1], keepdims: 1 })]);
    const variance = graph.node('ReduceMean', [graph.node('Mul', [away, away])], { axes: [-1], keepdims: 1 });
    const size = graph.node('Sqrt', [graph.node('Add', [variance, graph.floats('epsilon', [], [1e-3])])]);
    const scaled = graph.node('Mul', [
      graph.node('Div', [away, size]),
      graph.floats('g', [channels], numbers(channels, 6)),
    ]);
    return dense(graph, scaled, channels, classes, 'w');
  },
  'the same with the square as a power, before the axes of the picture are gone': (graph, value) => {
    const mean = graph.node('GlobalAveragePool', [value]);
    const away = graph.node('Sub', [mean, graph.node('ReduceMean', [mean], { axes: [1], keepdims: 1 })]);
    const square = graph.node('Pow', [away, graph.floats('two', [], [2])]);
    const variance = graph.node('ReduceMean', [square], { axes: [1], keepdims: 1 });
    const size = graph.node('Sqrt', [graph.node('Add', [variance, graph.floats('epsilon', [], [1e-3])])]);
    return dense(graph, graph.node('Flatten', [graph.node('Div', [away, size])]), channels, classes, 'w');
  },
  'a batch normalisation behind the pooling, and a shortcut past a dense layer': (graph, value) => {
    const four = ['scale', 'offset', 'mean', 'variance'].map((name, n) =>
      graph.floats(
        name,
        [channels],
        numbers(channels, 20 + n).map((each) => (n === 3 ? 1 + each * each : each)),
      ),
    );
    const normal = graph.node('BatchNormalization', [pooled(graph, value), ...four]);
    const past = graph.node('Add', [normal, graph.node('Relu', [dense(graph, normal, channels, channels, 'w1')])]);
    return dense(graph, past, channels, classes, 'w2');
  },
  'the mean over rows and columns, and a product of matrices': (graph, value) => {
    const mean = graph.node('ReduceMean', [value], { axes: [2, 3], keepdims: 0 });
    return graph.node('MatMul', [mean, graph.floats('w', [channels, classes], numbers(channels * classes, 4))]);
  },
};

/** A classifier that takes features for a picture. */
function classifier(head: Head, softmax: boolean, opset = 14): Uint8Array {
  const graph = new GraphBuilder('head', opset);
  const logits = head(graph, graph.input('x', 'float32', ['batch', channels, rows, columns]));
  graph.output(
    softmax ? graph.node('Softmax', [logits], {}, 'y') : graph.node('Identity', [logits], {}, 'y'),
    'float32',
    ['batch', classes],
  );
  return encodeModel(graph.model());
}

/** Of each class: the features weighted with the sums of its logit's differences, without what is negative. */
async function byDifferences(head: Head, features: Float32Array): Promise<number[][]> {
  const step = 1 / 1024;
  const { length } = features;
  const moved = Float32Array.from({ length: 2 * length * length }, (_, n) => {
    const at = Math.floor(n / length);
    const by = at < length ? step : -step;
    return (features[n % length] ?? 0) + (n % length === at % length ? by : 0);
  });
  const logits = await scoresOf(classifier(head, false), moved, [2 * length, ...dims.slice(1)]);
  const slope = (at: number, c: number): number =>
    ((logits[at * classes + c] ?? 0) - (logits[(length + at) * classes + c] ?? 0)) / (2 * step);
  const weight = (k: number, c: number): number =>
    Array.from({ length: places }, (_, place) => slope(k * places + place, c)).reduce((sum, each) => sum + each, 0);
  return Array.from({ length: classes }, (_, c) => {
    const weights = Array.from({ length: channels }, (_, k) => weight(k, c));
    return Array.from({ length: places }, (_, place) =>
      Math.max(
        0,
        weights.reduce((sum, each, k) => sum + each * (features[k * places + place] ?? 0), 0),
      ),
    );
  });
}

async function mapsOf(
  file: Uint8Array,
  output: string,
  features: Float32Array,
  batch = 1,
  classes = 5,
): Promise<Float32Array> {
  const graphs = explainGraphs(file, output, classes);
  if (!graphs) throw new Error('it has no known head');
  await using session = await openSession(graphs.maps);
  const [data = '', chosen = ''] = session.inputs;
  const all = BigInt64Array.from({ length: batch * classes }, (_, n) => BigInt(n % classes));
  const results = await session.run({
    [data]: await tensor('float32', features, [batch, ...dims.slice(1)]),
    [chosen]: await tensor('int64', all, [batch, classes]),
  });
  return results[session.outputs[0] ?? '']?.data as Float32Array;
}

describe('the graph of Grad-CAM', () => {
  it.each(Object.entries(heads))('agrees with finite differences: %s', async (_, head) => {
    const features = numbers(channels * places, 11).map((value) => value * 2);
    const maps = await mapsOf(classifier(head, true), 'y', features);
    const wanted = await byDifferences(head, features);
    for (const [at, value] of wanted.flat().entries())
      expect(Math.abs((maps[at] ?? Number.NaN) - value)).toBeLessThan(2e-3 * Math.max(1, value));
    expect(Math.max(...wanted.flat())).toBeGreaterThan(0.1);
  });

  it('gives each picture of a batch its own maps', async () => {
    const head = heads['three dense layers with relu'] as Head;
    const [one, two] = [numbers(channels * places, 11), numbers(channels * places, 12)];
    const file = classifier(head, true);
    const together = await mapsOf(file, 'y', Float32Array.of(...one, ...two), 2);
    const apart = [...(await mapsOf(file, 'y', one)), ...(await mapsOf(file, 'y', two))];
    expect([...together]).toEqual(apart);
  });

  it.each(['dense layers', 'a convolution'])('of one probability explains both classes: %s', async (kind) => {
    const file = (ending: 'sigmoid' | 'logits'): Uint8Array => {
      const graph = new GraphBuilder('binary', 13);
      const value = graph.input('x', 'float32', ['batch', channels, rows, columns]);
      const wide = graph.node('Relu', [dense(graph, pooled(graph, value), channels, 8, 'w1')]);
      const weights = numbers(8, 7);
      const asConv = graph.node('Reshape', [wide, graph.ints('four', [4], [0, -1, 1, 1])]);
      const logit = (): string =>
        kind === 'a convolution'
          ? graph.node('Conv', [asConv, graph.floats('w2', [1, 8, 1, 1], weights)])
          : graph.node('MatMul', [wide, graph.floats('w2', [8, 1], weights)]);
      const flat = (it: string): string => graph.node('Flatten', [it]);
      if (ending === 'logits') {
        const both = [-1, 1].flatMap((sign) => Array.from(weights, (each) => each * sign));
        const scores = graph.node('Gemm', [wide, graph.floats('w2', [2, 8], both)], { transB: 1 });
        graph.output(graph.node('Identity', [scores], {}, 'y'), 'float32', ['batch', 2]);
      } else {
        const probability = flat(graph.node('Sigmoid', [logit()]));
        const other = graph.node('Sub', [graph.floats('one', [], [1]), probability]);
        graph.output(graph.node('Concat', [other, probability], { axis: 1 }, 'y'), 'float32', ['batch', 2]);
      }
      return encodeModel(graph.model());
    };
    const features = numbers(2 * channels * places, 11);
    const maps = await mapsOf(file('sigmoid'), 'y', features, 2, 2);
    const wanted = await mapsOf(file('logits'), 'y', features, 2, 2);
    for (const [at, value] of wanted.entries()) expect(maps[at]).toBeCloseTo(value, 5);
    expect(Math.max(...wanted.subarray(0, places))).toBeGreaterThan(0.01);
    expect(Math.max(...wanted.subarray(places, 2 * places))).toBeGreaterThan(0.01);
  });

  it('looks behind a softmax whose result is only given another shape', async () => {
    const file = (order: 'before' | 'after'): Uint8Array => {
      const graph = new GraphBuilder('head', 13);
      const value = graph.input('x', 'float32', ['batch', channels, rows, columns]);
      const weights = graph.floats('w', [classes, channels, 1, 1], numbers(classes * channels, 7));
      const scores = graph.node('Conv', [graph.node('GlobalAveragePool', [value]), weights]);
      const reshaped = (it: string, name?: string) =>
        graph.node('Flatten', [graph.node('Squeeze', [it, graph.ints('last', [1], [3])])], {}, name);
      const softmax = (it: string, name?: string) => graph.node('Softmax', [it], { axis: 1 }, name);
      graph.output(order === 'after' ? reshaped(softmax(scores), 'y') : softmax(reshaped(scores), 'y'), 'float32', [
        'batch',
        classes,
      ]);
      return encodeModel(graph.model());
    };
    const features = numbers(channels * places, 11);
    const maps = await mapsOf(file('after'), 'y', features);
    expect(maps).toEqual(await mapsOf(file('before'), 'y', features));
    expect(Math.max(...maps)).toBeGreaterThan(0.01);
  });

  it('leaves the scores of the watched graph as they are, and shows the features', async () => {
    const model = smallModel({
      head: (graph, features) => graph.node('Softmax', [dense(graph, features, 8, classes, 'dense')], {}, 'y'),
    });
    const graphs = explainGraphs(fileOf(model), 'y', classes);
    const picture = numbers(3 * 24 * 24, 5);
    await using session = await openSession(graphs?.watched ?? new Uint8Array());
    const { y, ...others } = await session.run({ data: await tensor('float32', picture, [1, 3, 24, 24]) });
    const scores = y?.data as Float32Array;
    expect([...scores]).toEqual([...(await scoresOf(fileOf(model), picture, [1, 3, 24, 24]))]);
    expect(others[graphs?.features ?? '']?.dims).toEqual([1, 8, 12, 12]);
  });

  it('passes through the operator of layer normalisation', async () => {
    const head: Head = (graph, value) => {
      const [scale, offset] = [numbers(channels, 6), numbers(channels, 8)].map((each, n) =>
        graph.floats(`ln${n}`, [channels], each),
      );
      const normal = graph.node('LayerNormalization', [pooled(graph, value), scale ?? '', offset ?? ''], {
        epsilon: { float: 1e-3 },
      });
      return dense(graph, normal, channels, classes, 'w');
    };
    const written: Head = (graph, value) => {
      const mean = pooled(graph, value);
      const away = graph.node('Sub', [mean, graph.node('ReduceMean', [mean], { axes: [1], keepdims: 1 })]);
      const variance = graph.node('ReduceMean', [graph.node('Mul', [away, away])], { axes: [1], keepdims: 1 });
      const size = graph.node('Sqrt', [graph.node('Add', [variance, graph.floats('epsilon', [], [1e-3])])]);
      const normal = graph.node('Div', [away, size]);
      return dense(
        graph,
        graph.node('Mul', [normal, graph.floats('ln0', [channels], numbers(channels, 6))]),
        channels,
        classes,
        'w',
      );
    };
    const features = numbers(channels * places, 11);
    const [maps, wanted] = await Promise.all([
      mapsOf(classifier(head, true, 17), 'y', features),
      mapsOf(classifier(written, true), 'y', features),
    ]);
    for (const [at, value] of wanted.entries()) expect(maps[at]).toBeCloseTo(value, 4);
    expect(Math.max(...wanted)).toBeGreaterThan(0.1);
  });

  it('is not made for a head whose gradient is not known, or that has two sources', () => {
    const head = (middle: Head): Uint8Array =>
      classifier((graph, value) => dense(graph, middle(graph, value), channels, classes, 'w'), true);
    const unknown = head((graph, value) => graph.node('Sin', [pooled(graph, value)]));
    expect(explainGraphs(unknown, 'y', classes)).toBeUndefined();
    const twice = head((graph, value) =>
      graph.node('Add', [pooled(graph, value), graph.node('Flatten', [graph.node('GlobalMaxPool', [value])])]),
    );
    expect(explainGraphs(twice, 'y', classes)).toBeUndefined();
    const byGroups = head((graph, value) => {
      const groups = graph.node('Reshape', [pooled(graph, value), graph.ints('groups', [3], [-1, 2, 3])]);
      const away = graph.node('Sub', [groups, graph.node('ReduceMean', [groups], { axes: [-1], keepdims: 1 })]);
      return graph.node('Reshape', [away, graph.ints('flat', [2], [-1, channels])]);
    });
    expect(explainGraphs(byGroups, 'y', classes)).toBeUndefined();
  });
});
