import * as tf from '@tensorflow/tfjs-core';
import type { TfliteWriter } from '../../src/export/tflite/tflite-writer.ts';
import { numbers } from './small-models.ts';
import { type Case, constant, int, listed, none, open, unary, whole } from './tflite-cases.ts';

const tanhGelu = (x: tf.Tensor): tf.Tensor =>
  tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3)))))));

const activations: Readonly<Record<string, Case>> = {
  relu: { write: unary('RELU'), expected: tf.relu },
  relu6: { write: unary('RELU6'), expected: tf.relu6 },
  'relu from -1 to 1': { write: unary('RELU_N1_TO_1'), expected: (x) => tf.clipByValue(x, -1, 1) },
  tanh: { write: unary('TANH'), expected: tf.tanh },
  sigmoid: { write: unary('LOGISTIC'), expected: tf.sigmoid },
  'hard swish': {
    write: unary('HARD_SWISH'),
    expected: (x) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6)),
  },
  'leaky relu': { write: unary('LEAKY_RELU', { 0: { float: 0.2 } }), expected: (x) => tf.leakyRelu(x, 0.2) },
  gelu: {
    write: unary('GELU', { 0: none }),
    expected: (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))),
  },
  'gelu by tanh': { write: unary('GELU', { 0: { byte: 1 } }), expected: tanhGelu },
  'softmax with a factor': {
    write: unary('SOFTMAX', { 0: { float: 0.5 } }),
    expected: (x) => tf.softmax(tf.mul(x, 0.5), 3),
  },
  'local response normalisation': {
    write: unary('LOCAL_RESPONSE_NORMALIZATION', { 0: int(1), 1: { float: 2 }, 2: { float: 0.3 }, 3: { float: 0.75 } }),
    expected: (x) => tf.localResponseNormalization(x, 1, 2, 0.3, 0.75),
  },
};

/** Channels dealt out anew, as ShuffleNet does it. */
function shuffle(file: TfliteWriter, input: number): number {
  const pairs = file.operator('RESHAPE', [input, whole(file, 1, 9, 10, 2, 2)], { shape: [1, 9, 10, 2, 2] });
  const turned = file.operator('TRANSPOSE', [pairs, whole(file, 0, 1, 2, 4, 3)], { shape: [1, 9, 10, 2, 2] });
  return file.operator('RESHAPE', [turned, whole(file, 1, 9, 10, 4)], { shape: [1, 9, 10, 4] });
}

/** As Keras writes `Reshape`: with a batch that is looked up. */
function lookedUp(file: TfliteWriter, input: number): number {
  const shape = file.operator('SHAPE', [input], { shape: [4], type: 'int32' }, { 0: { byte: 2 } });
  const range = [whole(file, 0), whole(file, 1), whole(file, 1)];
  const masks = { 0: int(0), 1: int(0), 2: int(0), 3: int(0), 4: int(1) };
  const batch = file.operator('STRIDED_SLICE', [shape, ...range], { shape: [], type: 'int32' }, masks);
  const single = (value: number): number => file.tensor({ shape: [], type: 'int32', data: Int32Array.of(value) });
  const wanted = file.operator(
    'PACK',
    [batch, single(1), single(90), single(4)],
    { shape: [4], type: 'int32' },
    { 0: int(4), 1: int(0) },
  );
  return file.operator('RESHAPE', [input, wanted], open);
}

const shapes: Readonly<Record<string, Case>> = {
  'rows of all numbers': {
    write: listed('RESHAPE', [-1, 360]),
    expected: (x) => tf.reshape(x, [-1, 360]),
  },
  'a shape in the options alone': {
    write: unary('RESHAPE', { 0: { ints: [1, 18, 5, 4] } }),
    expected: (x) => tf.reshape(x, [-1, 18, 5, 4]),
  },
  'a shape that is looked up': { write: lookedUp, expected: (x) => tf.reshape(x, [-1, 1, 90, 4]) },
  'a dense layer at each pixel, by rows of all pixels': {
    write: (file, input) => {
      const type = 'int32' as const;
      const shape = file.operator('SHAPE', [input], { shape: [4], type }, { 0: { byte: 2 } });
      const gathered = (...axes: number[]) =>
        file.operator(
          'GATHER',
          [shape, whole(file, ...axes)],
          { shape: [axes.length], type },
          { 0: int(0), 1: int(0) },
        );
      const count = file.operator('REDUCE_PROD', [gathered(0, 1, 2), whole(file, 0)], { shape: [], type }, { 0: none });
      const single = file.tensor({ shape: [], type, data: Int32Array.of(4) });
      const rows = file.operator('PACK', [count, single], { shape: [2], type }, { 0: int(2), 1: int(0) });
      const flat = file.operator('RESHAPE', [input, rows], { shape: [90, 4] });
      const made = file.operator(
        'FULLY_CONNECTED',
        [flat, constant(file, [6, 4], 3)],
        { shape: [90, 6] },
        { 0: none, 1: none, 2: none },
      );
      const back = file.operator(
        'CONCATENATION',
        [gathered(0, 1, 2), whole(file, 6)],
        { shape: [4], type },
        { 0: int(0), 1: none },
      );
      return file.operator('RESHAPE', [made, back], { shape: [1, 9, 10, 6] });
    },
    expected: (x) =>
      tf.reshape(
        tf.matMul(tf.reshape(x, [-1, 4]), tf.tensor2d(Array.from(numbers(24, 3)), [6, 4]), false, true),
        [-1, 9, 10, 6],
      ),
  },
  'shuffled channels': {
    write: shuffle,
    expected: (x) => tf.reshape(tf.transpose(tf.reshape(x, [-1, 9, 10, 2, 2]), [0, 1, 2, 4, 3]), [-1, 9, 10, 4]),
  },
  'height and width exchanged': {
    write: listed('TRANSPOSE', [0, 2, 1, 3]),
    expected: (x) => tf.transpose(x, [0, 2, 1, 3]),
  },
  'channels moved to the front': {
    write: listed('TRANSPOSE', [0, 3, 1, 2]),
    expected: (x) => tf.transpose(x, [0, 3, 1, 2]),
  },
  'one more axis, and it gone again': {
    write: (file, input) => {
      const wide = file.operator('EXPAND_DIMS', [input, whole(file, 1)], { shape: [1, 1, 9, 10, 4] });
      return file.operator('SQUEEZE', [wide], open, { 0: { ints: [1] } });
    },
    expected: (x) => x,
  },
  'padding with zeros': {
    write: (file, input) => {
      const amounts = file.tensor({ shape: [4, 2], type: 'int32', data: Int32Array.of(0, 0, 1, 2, 0, 3, 1, 0) });
      return file.operator('PAD', [input, amounts], open);
    },
    expected: (x) =>
      tf.pad(x, [
        [0, 0],
        [1, 2],
        [0, 3],
        [1, 0],
      ]),
  },
  'padding with a value': {
    write: (file, input) => {
      const amounts = file.tensor({ shape: [4, 2], type: 'int32', data: Int32Array.of(0, 0, 1, 1, 2, 0, 0, 0) });
      return file.operator('PADV2', [input, amounts, file.tensor({ shape: [], data: Float32Array.of(-2) })], open);
    },
    expected: (x) =>
      tf.pad(
        x,
        [
          [0, 0],
          [1, 1],
          [2, 0],
          [0, 0],
        ],
        -2,
      ),
  },
  'padding by reflection': {
    write: (file, input) => {
      const amounts = file.tensor({ shape: [4, 2], type: 'int32', data: Int32Array.of(0, 0, 2, 1, 0, 3, 0, 0) });
      return file.operator('MIRROR_PAD', [input, amounts], open, { 0: none });
    },
    expected: (x) =>
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [2, 1],
          [0, 3],
          [0, 0],
        ],
        'reflect',
      ),
  },
  'channels side by side, of which some are cut out': {
    write: (file, input) => {
      const [first = 0, second = 0] = file.several(
        'SPLIT',
        [whole(file, 3), input],
        [{ shape: [1, 9, 10, 2] }, { shape: [1, 9, 10, 2] }],
        {
          0: int(2),
        },
      );
      const turned = file.operator(
        'CONCATENATION',
        [second, first, input],
        { shape: [1, 9, 10, 8] },
        { 0: int(-1), 1: none },
      );
      return file.operator('SLICE', [turned, whole(file, 0, 1, 0, 1), whole(file, -1, 7, -1, 5)], open);
    },
    expected: (x) => {
      const [first, second] = tf.split(x, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
      return tf.slice(tf.concat([second, first, x], 3), [0, 1, 0, 1], [-1, 7, -1, 5]);
    },
  },
  'every second row': {
    write: (file, input) => {
      const range = [whole(file, 0, 1, 0, 0), whole(file, 0, -1, 0, 0), whole(file, 1, 2, 1, 1)];
      const masks = { 0: int(0b1101), 1: int(0b1101), 2: int(0), 3: int(0), 4: int(0) };
      return file.operator('STRIDED_SLICE', [input, ...range], open, masks);
    },
    expected: (x) => tf.stridedSlice(x, [0, 1, 0, 0], [0, 8, 0, 0], [1, 2, 1, 1], 0b1101, 0b1101),
  },
  'channels in another order': {
    write: listed('GATHER', [2, 0, 3], { 0: int(3), 1: int(0) }),
    expected: (x) => tf.gather(x, [2, 0, 3], 3),
  },
  'blocks to channels and back': {
    write: (file, input) => {
      const rows = file.operator('SLICE', [input, whole(file, 0, 0, 0, 0), whole(file, -1, 8, 10, 4)], {
        shape: [1, 8, 10, 4],
      });
      const deep = file.operator('SPACE_TO_DEPTH', [rows], { shape: [1, 4, 5, 16] }, { 0: int(2) });
      const scaled = file.operator('MUL', [deep, constant(file, [16], 5)], { shape: [1, 4, 5, 16] }, { 0: none });
      return file.operator('DEPTH_TO_SPACE', [scaled], open, { 0: int(2) });
    },
    expected: (x) => {
      const rows = tf.slice(x, [0, 0, 0, 0], [-1, 8, 10, 4]);
      const deep = tf.reshape(tf.transpose(tf.reshape(rows, [-1, 4, 2, 5, 2, 4]), [0, 1, 3, 2, 4, 5]), [-1, 4, 5, 16]);
      const factors = tf.tensor1d(Array.from(numbers(16, 5)));
      return tf.depthToSpace(tf.mul(deep, factors) as tf.Tensor4D, 2, 'NHWC');
    },
  },
};

export const reshaping: Readonly<Record<string, Case>> = { ...activations, ...shapes };
