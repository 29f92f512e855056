import { digestOf, type Preprocessing, type ServingModel } from '@rookery/contracts';
import type { Classification } from '../src/index.ts';
import { floats, intAttribute, node, onnxFile, types, value } from './onnx-file.ts';

/** A model whose scores are the pixels that it was given, each divided by 255: what a test sees is what the decoder made. */
export function lookingGlass(
  preprocessing: Partial<Preprocessing> = {},
  type: 'uint8' | 'float32' = preprocessing.kernel === 'bilinear-align-corners' ? 'float32' : 'uint8',
): ServingModel {
  const to = { width: 8, height: 8, resize: 'stretch', kernel: 'nearest', ...preprocessing } as const;
  const classes = to.width * to.height * 3;
  return modelOf(
    onnxFile({
      nodes: [
        node('Cast', ['picture'], 'values', intAttribute('to', types.float32)),
        node('Div', ['values', 'most'], 'scaled'),
        node('Flatten', ['scaled'], 'scores', intAttribute('axis', 1)),
      ],
      constants: [floats('most', [], [255])],
      inputs: [value('picture', type, ['batch', to.height, to.width, 3])],
      outputs: [value('scores', 'float32', ['batch', classes])],
    }),
    to,
    { type, classes },
  );
}

/** A model whose scores are all 0 / 0. */
export function notANumber(): ServingModel {
  const zero = floats('zero', [], [0]);
  const bytes = onnxFile({
    nodes: [
      node('Cast', ['picture'], 'values', intAttribute('to', types.float32)),
      node('Mul', ['values', 'zero'], 'nothing'),
      node('Div', ['nothing', 'zero'], 'undefined'),
      node('Flatten', ['undefined'], 'scores', intAttribute('axis', 1)),
    ],
    constants: [zero],
    inputs: [value('picture', 'uint8', ['batch', 2, 2, 3])],
    outputs: [value('scores', 'float32', ['batch', 12])],
  });
  return modelOf(bytes, { width: 2, height: 2, resize: 'stretch', kernel: 'nearest' }, { type: 'uint8', classes: 12 });
}

function modelOf(
  bytes: Uint8Array,
  preprocessing: Preprocessing,
  { type, classes }: { type: 'uint8' | 'float32'; classes: number },
): ServingModel {
  const labels = Array.from({ length: classes }, (_, index) => `value ${index}`);
  return {
    name: 'looking-glass',
    version: 'v1',
    variant: 'fp32',
    format: 'onnx',
    graph: { bytes, digest: digestOf(bytes) },
    input: { name: 'picture', type },
    output: { name: 'scores', classes },
    preprocessing,
    decode: 'exact',
    stableBatch: 1,
    labels,
    labelsDigest: digestOf(labels.join('\n')),
  };
}

/** All values, in the order of the pixels: ask for as many labels as there are. 0 to 255, with what fractions six decimals keep. */
export function valuesOf({ predictions }: Classification): number[] {
  const values: number[] = [];
  for (const { index, score } of predictions) values[index] = score * 255;
  return values;
}

/** Pixels as `[red, green, blue]` in whole numbers, row by row. */
export function pixelsOf(classification: Classification): [number, number, number][] {
  const values = valuesOf(classification).map((it) => Math.round(it));
  return Array.from(
    { length: values.length / 3 },
    (_, i) => values.slice(i * 3, i * 3 + 3) as [number, number, number],
  );
}
