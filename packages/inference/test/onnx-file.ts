/** Just enough of ONNX's protocol buffer (onnx.proto) to write a graph of a few nodes by hand, so that tests need no importer. */
import { part, text, whole } from './protocol-buffer.ts';

export const types = { float32: 1, uint8: 2, int64: 7 } as const;

export const intAttribute = (name: string, value: number): number[] => [
  ...text(1, name),
  ...whole(3, value),
  ...whole(20, 2),
];

export const intsAttribute = (name: string, values: readonly number[]): number[] => [
  ...text(1, name),
  ...values.flatMap((value) => whole(8, value)),
  ...whole(20, 7),
];

export const node = (opType: string, inputs: string[], output: string, ...attributes: number[][]): number[] => [
  ...inputs.flatMap((input) => text(1, input)),
  ...text(2, output),
  ...text(4, opType),
  ...attributes.flatMap((attribute) => part(5, attribute)),
];

export const floats = (name: string, dims: number[], values: number[]): number[] => [
  ...dims.flatMap((dim) => whole(1, dim)),
  ...whole(2, types.float32),
  ...text(8, name),
  ...part(9, new Uint8Array(Float32Array.from(values).buffer)),
];

export const value = (name: string, type: keyof typeof types, dims: (number | string)[]): number[] => {
  const shape = dims.flatMap((dim) => part(1, typeof dim === 'number' ? whole(1, dim) : text(2, dim)));
  return [...text(1, name), ...part(2, part(1, [...whole(1, types[type]), ...part(2, shape)]))];
};

export const onnxFile = (graph: {
  nodes: number[][];
  constants?: number[][];
  inputs: number[][];
  outputs: number[][];
}): Uint8Array =>
  Uint8Array.from([
    ...whole(1, 8),
    ...part(7, [
      ...graph.nodes.flatMap((it) => part(1, it)),
      ...text(2, 'test'),
      ...(graph.constants ?? []).flatMap((it) => part(5, it)),
      ...graph.inputs.flatMap((it) => part(11, it)),
      ...graph.outputs.flatMap((it) => part(12, it)),
    ]),
    ...part(8, whole(2, 13)),
  ]);
