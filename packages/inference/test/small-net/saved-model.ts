import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type ServingModel } from '@rookery/contracts';
import { part, text, whole } from '../protocol-buffer.ts';
import { classes, side, smallNet } from './small-net.ts';
import {
  type Attribute,
  type Constant,
  float32Bytes,
  network,
  normalisation,
  placeholder,
  type TensorflowNode,
} from './tensorflow.ts';

/** Of TensorFlow's enumeration `DataType`. */
const types = { DT_FLOAT: 1, DT_INT32: 3, DT_UINT8: 4 } as const;

/** As a SavedModel (saved_model.proto) of constants, which takes whole RGB values and normalises them by itself. */
export async function savedSmallNet(folder: string): Promise<ServingModel> {
  const nodes = [placeholder('images', 'DT_UINT8'), ...normalisation, ...network];
  const graph = [...nodes.flatMap((node) => part(1, nodeBytes(node))), ...part(4, whole(1, 1_000))];
  const signature = [
    ...entry(1, 'images', tensorInfo('images:0', 'DT_UINT8', [-1, side, side, 3])),
    ...entry(2, 'scores', tensorInfo('scores:0', 'DT_FLOAT', [-1, classes])),
    ...text(3, 'tensorflow/serving/predict'),
  ];
  const metaGraph = [
    ...part(1, [...text(4, 'serve'), ...text(5, '2.15.1')]),
    ...part(2, graph),
    ...entry(5, 'serving_default', signature),
  ];
  const bytes = Uint8Array.from([...whole(1, 1), ...part(2, metaGraph)]);
  await writeFile(join(folder, 'saved_model.pb'), bytes);
  return smallNet('savedmodel', { path: folder, digest: digestOf(bytes) });
}

/** An entry of a map. */
const entry = (field: number, key: string, value: readonly number[]): number[] =>
  part(field, [...text(1, key), ...part(2, value)]);

const nodeBytes = ({ name, op, input, attr }: TensorflowNode): number[] => [
  ...text(1, name),
  ...text(2, op),
  ...input.flatMap((each) => text(3, each)),
  ...Object.entries(attr).flatMap(([key, value]) => entry(5, key, attributeBytes(value))),
];

function attributeBytes(value: Attribute): number[] {
  if ('type' in value) return whole(6, types[value.type]);
  if ('shape' in value) return part(7, shapeBytes(value.shape));
  if ('text' in value) return text(2, value.text);
  if ('ints' in value)
    return part(
      1,
      value.ints.flatMap((each) => whole(3, each)),
    );
  return part(8, tensorBytes(value.tensor));
}

const tensorBytes = ({ type, shape, values }: Constant): number[] => [
  ...whole(1, types[type]),
  ...part(2, shapeBytes(shape)),
  ...part(4, type === 'DT_FLOAT' ? float32Bytes(values) : new Uint8Array(Int32Array.from(values).buffer)),
];

const tensorInfo = (name: string, type: keyof typeof types, shape: readonly number[]): number[] => [
  ...text(1, name),
  ...whole(2, types[type]),
  ...part(3, shapeBytes(shape)),
];

/** -1, any number, is ten bytes of a varint. */
const shapeBytes = (shape: readonly number[]): number[] =>
  shape.flatMap((size) => part(2, size < 0 ? [8, ...Array(9).fill(0xff), 1] : whole(1, size)));
