import { digestOf, type Preprocessing, type ServingModel } from '@rookery/contracts';
import { explainGraphs } from '@rookery/optimizer';
import type { MakeExplainGraphs } from '../src/index.ts';
import { floats, intAttribute, intsAttribute, node, onnxFile, types, value } from './onnx-file.ts';

const labels = ['red', 'green', 'blue'];

/** Says which colour a picture has most of: the mean of each channel, less that of the others. Its map of red is where it is red. */
export function colourSeer(preprocessing: Partial<Preprocessing> = {}): ServingModel {
  const to = { width: 16, height: 16, resize: 'stretch', kernel: 'bilinear-half-pixel', ...preprocessing } as const;
  const type = to.kernel === 'bilinear-align-corners' ? 'float32' : 'uint8';
  const bytes = onnxFile({
    nodes: [
      node('Cast', ['picture'], 'values', intAttribute('to', types.float32)),
      node('Div', ['values', 'most'], 'scaled'),
      node('Transpose', ['scaled'], 'channels', intsAttribute('perm', [0, 3, 1, 2])),
      node('GlobalAveragePool', ['channels'], 'means'),
      node('Flatten', ['means'], 'flat', intAttribute('axis', 1)),
      node('Gemm', ['flat', 'weights'], 'logits'),
      node('Softmax', ['logits'], 'scores'),
    ],
    constants: [floats('most', [], [255]), floats('weights', [3, 3], [9, -9, -9, -9, 9, -9, -9, -9, 9])],
    inputs: [value('picture', type, ['batch', to.height, to.width, 3])],
    outputs: [value('scores', 'float32', ['batch', 3])],
  });
  return {
    name: 'colour-seer',
    version: 'v1',
    variant: 'fp32',
    format: 'onnx',
    graph: { bytes, digest: digestOf(bytes) },
    input: { name: 'picture', type },
    output: { name: 'scores', classes: 3 },
    preprocessing: to,
    decode: 'exact',
    stableBatch: 1,
    labels,
    labelsDigest: digestOf(labels.join('\n')),
  };
}

export const graphsOf: MakeExplainGraphs = async ({ graph, output }) =>
  'bytes' in graph ? explainGraphs(graph.bytes, output.name, output.classes) : undefined;
