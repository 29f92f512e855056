import type { GraphBuilder } from '../../src/onnx/graph-builder.ts';
import { caseSize, type ExportCase } from './export-cases.ts';
import { numbers } from './small-models.ts';

const { channels, height, width } = caseSize;
const scores = 5;
/** Of the features, which a convolution makes. */
const deep = 8;

const dense = (graph: GraphBuilder, value: string, from: number, to: number, name: string): string =>
  graph.node('Gemm', [
    value,
    graph.floats(name, [from, to], numbers(from * to, from)),
    graph.floats(`${name}_bias`, [to], numbers(to, 3)),
  ]);

const features = (graph: GraphBuilder, value: string): string => {
  const weights = graph.floats('features', [deep, channels, 3, 3], numbers(deep * channels * 9, 21));
  return graph.node('Relu', [graph.node('Conv', [value, weights], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })]);
};

const withHead = (head: (graph: GraphBuilder, value: string) => string): ExportCase => ({
  write: (graph, value) => head(graph, features(graph, value)),
  scores,
});

const flat = (graph: GraphBuilder, value: string): string => graph.node('Flatten', [value]);

/** Small classifiers whose gradient is more than a row of the weights. */
export const headCases: Readonly<Record<string, ExportCase>> = {
  'global pooling, and dense layers with ReLU between': withHead((graph, value) => {
    const first = dense(graph, flat(graph, graph.node('GlobalAveragePool', [value])), deep, 24, 'first');
    const second = dense(graph, graph.node('Relu', [first]), 24, 16, 'second');
    const clipped = graph.node('Clip', [second, graph.floats('low', [], [0]), graph.floats('high', [], [6])]);
    return dense(graph, clipped, 16, scores, 'third');
  }),
  'pooling that leaves places, and dense layers': withHead((graph, value) => {
    const some = graph.node('AveragePool', [value], { kernel_shape: [3, 2], strides: [3, 2] });
    const first = dense(graph, flat(graph, some), (deep * height * width) / 6, 16, 'first');
    return dense(graph, graph.node('Relu', [first]), 16, scores, 'second');
  }),
  'maxima of places, and a dense layer': withHead((graph, value) => {
    const some = graph.node('MaxPool', [value], { kernel_shape: [3, 2], strides: [3, 2] });
    return dense(graph, flat(graph, some), (deep * height * width) / 6, scores, 'first');
  }),
  'dense layers on all places': withHead((graph, value) => {
    const first = dense(graph, flat(graph, value), deep * height * width, 16, 'first');
    return dense(graph, graph.node('Relu', [first]), 16, scores, 'second');
  }),
  'convolutions of one pixel with hard swish between': withHead((graph, value) => {
    const first = graph.floats('first', [16, deep, 1, 1], numbers(16 * deep, 7));
    const wide = graph.node('Conv', [graph.node('GlobalAveragePool', [value]), first]);
    const gate = graph.node('HardSigmoid', [wide], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
    const second = graph.floats('second', [scores, 16, 1, 1], numbers(scores * 16, 9));
    return flat(graph, graph.node('Conv', [graph.node('Mul', [wide, gate]), second]));
  }),
  'a layer normalisation, and a dense layer': withHead((graph, value) => {
    const mean = flat(graph, graph.node('GlobalAveragePool', [value]));
    const away = graph.node('Sub', [mean, graph.node('ReduceMean', [mean], { axes: [1], keepdims: 1 })]);
    const variance = graph.node('ReduceMean', [graph.node('Mul', [away, away])], { axes: [1], keepdims: 1 });
    const size = graph.node('Sqrt', [graph.node('Add', [variance, graph.floats('epsilon', [], [1e-6])])]);
    return dense(graph, graph.node('Div', [away, size]), deep, scores, 'first');
  }),
};
