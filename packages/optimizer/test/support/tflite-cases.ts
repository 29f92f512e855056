import * as tf from '@tensorflow/tfjs-core';
import { type Fields, TfliteWriter } from '../../src/export/tflite/tflite-writer.ts';
import { numbers } from './small-models.ts';

/** The input of every case, in a file for one picture. */
export const caseShape = [1, 9, 10, 4] as const;
type Picture = tf.Tensor4D;

interface Case {
  /** Writes what stands between input and output, and says which tensor is the output. */
  readonly write: (file: TfliteWriter, input: number) => number;
  /** The same by TensorFlow.js. */
  readonly expected: (input: Picture) => tf.Tensor;
  /** The interpreter rounds activations to bytes where only weights are bytes. */
  readonly isHybrid?: boolean;
}

const open = { shape: [] } as const;
const floats = (shape: readonly number[], seed: number): Float32Array =>
  numbers(
    shape.reduce((product, size) => product * size, 1),
    seed,
  );
const constant = (file: TfliteWriter, shape: readonly number[], seed: number): number =>
  file.tensor({ shape, data: floats(shape, seed) });
const whole = (file: TfliteWriter, ...values: number[]): number =>
  file.tensor({ shape: [values.length], type: 'int32', data: Int32Array.from(values) });
const tensor = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
  tf.tensor(floats(shape, seed), shape);
/** `[out, height, width, in]` as TensorFlow.js has it. */
const kernel = (shape: [number, number, number, number], seed: number): tf.Tensor4D =>
  tf.transpose(tensor<tf.Rank.R4>(shape, seed), [1, 2, 3, 0]);

const same = { byte: 0 } as const;
const valid = { byte: 1 } as const;
const none = { byte: 0 } as const;
const relu = { byte: 1 } as const;
const relu6 = { byte: 3 } as const;
const int = (value: number): { int: number } => ({ int: value });

/** One operator of one input. */
const unary =
  (name: string, fields: Fields = {}) =>
  (file: TfliteWriter, input: number): number =>
    file.operator(name, [input], open, fields);
/** One operator of the input and a list of whole numbers. */
const listed =
  (name: string, list: readonly number[], fields: Fields = {}) =>
  (file: TfliteWriter, input: number): number =>
    file.operator(name, [input, whole(file, ...list)], open, fields);
/** One operator of the input and a constant. */
const withConstant =
  (name: string, shape: readonly number[], fields: Fields = { 0: none }, constantFirst = false) =>
  (file: TfliteWriter, input: number): number => {
    const other = constant(file, shape, 3);
    return file.operator(name, constantFirst ? [other, input] : [input, other], open, fields);
  };
const pooling = (padding: { byte: number }, stride: number, width: number, height = width): Fields => ({
  0: padding,
  1: int(stride),
  2: int(stride),
  3: int(width),
  4: int(height),
  5: none,
});

const convolutions: Readonly<Record<string, Case>> = {
  'strided convolutions with same padding, which is odd at the end, and relu6': {
    write: (file, input) =>
      file.operator(
        'CONV_2D',
        [input, constant(file, [6, 3, 2, 4], 1), constant(file, [6], 2)],
        { shape: [1, 5, 5, 6] },
        {
          0: same,
          1: int(2),
          2: int(2),
          3: relu6,
        },
      ),
    expected: (x) => tf.relu6(tf.add(tf.conv2d(x, kernel([6, 3, 2, 4], 1), 2, 'same'), tensor<tf.Rank.R1>([6], 2))),
  },
  'dilated convolutions of odd shapes': {
    write: (file, input) =>
      file.operator('CONV_2D', [input, constant(file, [5, 2, 3, 4], 1), constant(file, [5], 2)], open, {
        0: valid,
        1: int(1),
        2: int(1),
        3: none,
        4: int(2),
        5: int(3),
      }),
    expected: (x) =>
      tf.add(tf.conv2d(x, kernel([5, 2, 3, 4], 1), 1, 'valid', 'NHWC', [3, 2]), tensor<tf.Rank.R1>([5], 2)),
  },
  'dilated convolutions written as ones of pictures cut up': {
    write: (file, input) => {
      const whole = (dims: number[], ...data: number[]): number =>
        file.tensor({ shape: dims, type: 'int32', data: Int32Array.from(data) });
      const blocks = whole([2], 3, 2);
      const padding = whole([2, 2], 3, 3, 2, 2);
      const apart = file.operator('SPACE_TO_BATCH_ND', [input, blocks, padding], { shape: [6, 5, 7, 4] });
      const weights = [constant(file, [1, 3, 3, 4], 1), constant(file, [4], 2)];
      const made = file.operator(
        'DEPTHWISE_CONV_2D',
        [apart, ...weights],
        { shape: [6, 3, 5, 4] },
        { 0: valid, 1: int(1), 2: int(1), 3: int(1), 4: relu },
      );
      return file.operator('BATCH_TO_SPACE_ND', [made, blocks, whole([2, 2], 0, 1, 2, 0)], { shape: [1, 8, 8, 4] });
    },
    expected: (x) => {
      const apart = tf.spaceToBatchND(
        x,
        [3, 2],
        [
          [3, 3],
          [2, 2],
        ],
      ) as tf.Tensor4D;
      const weights = tf.reshape(tensor<tf.Rank.R4>([1, 3, 3, 4], 1), [3, 3, 4, 1]) as tf.Tensor4D;
      const made = tf.relu(tf.add(tf.depthwiseConv2d(apart, weights, 1, 'valid'), tensor<tf.Rank.R1>([4], 2)));
      return tf.batchToSpaceND(
        made,
        [3, 2],
        [
          [0, 1],
          [2, 0],
        ],
      );
    },
  },
  'convolutions of several groups': {
    write: (file, input) =>
      file.operator('CONV_2D', [input, constant(file, [6, 3, 3, 2], 1), constant(file, [6], 2)], open, {
        0: same,
        1: int(1),
        2: int(1),
        3: relu,
      }),
    expected: (x) => {
      const kernels = tf.split(kernel([6, 3, 3, 2], 1), 2, 3);
      const halves = tf
        .split(x, 2, 3)
        .map((half, n) => tf.conv2d(half as tf.Tensor4D, kernels[n] as tf.Tensor4D, 1, 'same'));
      return tf.relu(tf.add(tf.concat(halves, 3), tensor<tf.Rank.R1>([6], 2)));
    },
  },
  'depthwise convolutions': {
    write: (file, input) =>
      file.operator('DEPTHWISE_CONV_2D', [input, constant(file, [1, 3, 3, 4], 1), constant(file, [4], 2)], open, {
        0: same,
        1: int(2),
        2: int(2),
        3: int(1),
        4: relu6,
      }),
    expected: (x) =>
      tf.relu6(
        tf.add(
          tf.depthwiseConv2d(x, tf.reshape(tensor<tf.Rank.R4>([1, 3, 3, 4], 1), [3, 3, 4, 1]), 2, 'same'),
          tensor<tf.Rank.R1>([4], 2),
        ),
      ),
  },
  'depthwise convolutions with a multiplier, dilated': {
    write: (file, input) =>
      file.operator('DEPTHWISE_CONV_2D', [input, constant(file, [1, 3, 3, 12], 1), constant(file, [12], 2)], open, {
        0: valid,
        1: int(1),
        2: int(1),
        3: int(3),
        4: none,
        5: int(2),
        6: int(2),
      }),
    expected: (x) =>
      tf.add(
        tf.depthwiseConv2d(
          x,
          tf.reshape(tensor<tf.Rank.R4>([1, 3, 3, 12], 1), [3, 3, 4, 3]),
          1,
          'valid',
          'NHWC',
          [2, 2],
        ),
        tensor<tf.Rank.R1>([12], 2),
      ),
  },
  'weights in halves that are dequantised first': {
    write: (file, input) => {
      // 1.5, -2, 0.25 and 0 in binary16.
      const data = Uint16Array.from({ length: 24 }, (_, n) => [0x3e00, 0xc000, 0x3400, 0][n % 4] ?? 0);
      const halves = file.tensor({ shape: [6, 1, 1, 4], type: 'float16', data });
      const weights = file.operator('DEQUANTIZE', [halves], { shape: [6, 1, 1, 4] });
      return file.operator('CONV_2D', [input, weights, constant(file, [6], 2)], open, {
        0: same,
        1: int(1),
        2: int(1),
      });
    },
    expected: (x) => {
      const weights = tf.tensor(
        Array.from({ length: 24 }, (_, n) => [1.5, -2, 0.25, 0][n % 4] ?? 0),
        [6, 1, 1, 4],
      );
      const moved = tf.transpose(weights, [1, 2, 3, 0]) as tf.Tensor4D;
      return tf.add(tf.conv2d(x, moved, 1, 'same'), tensor<tf.Rank.R1>([6], 2));
    },
  },
  'weights in bytes, one scale a channel, between real numbers': {
    isHybrid: true,
    write: (file, input) => {
      const data = Int8Array.from(floats([6, 3, 3, 4], 1), (value) => Math.round(value * 250));
      const scale = [1, 2, 3, 4, 5, 6].map((n) => n / 500);
      const weights = file.tensor({ shape: [6, 3, 3, 4], type: 'int8', data, scale, zeroPoint: [0, 0, 0, 0, 0, 0] });
      return file.operator('CONV_2D', [input, weights, constant(file, [6], 2)], open, {
        0: same,
        1: int(1),
        2: int(1),
      });
    },
    expected: (x) => {
      const codes = tf.transpose(tf.round(tf.mul(tensor<tf.Rank.R4>([6, 3, 3, 4], 1), 250)), [1, 2, 3, 0]);
      const scales = tf.tensor1d([1, 2, 3, 4, 5, 6].map((n) => n / 500));
      return tf.add(tf.conv2d(x, tf.mul(codes, scales) as tf.Tensor4D, 1, 'same'), tensor<tf.Rank.R1>([6], 2));
    },
  },
};

const dense: Readonly<Record<string, Case>> = {
  'dense layers over whole pictures': {
    write: (file, input) =>
      file.operator('FULLY_CONNECTED', [input, constant(file, [5, 360], 1), constant(file, [5], 2)], open, { 0: relu }),
    expected: (x) =>
      tf.relu(
        tf.add(
          tf.matMul(tf.reshape(x, [-1, 360]), tensor<tf.Rank.R2>([5, 360], 1), false, true),
          tensor<tf.Rank.R1>([5], 2),
        ),
      ),
  },
  'dense layers at each place of a picture': {
    write: (file, input) =>
      file.operator('FULLY_CONNECTED', [input, constant(file, [5, 4], 1), -1], open, {
        0: none,
        1: none,
        2: { byte: 1 },
      }),
    expected: (x) =>
      tf.reshape(tf.matMul(tf.reshape(x, [-1, 4]), tensor<tf.Rank.R2>([5, 4], 1), false, true), [-1, 9, 10, 5]),
  },
};

const pools: Readonly<Record<string, Case>> = {
  'averages with same padding, which does not count': {
    write: unary('AVERAGE_POOL_2D', pooling(same, 2, 3)),
    expected: (x) => tf.avgPool(x, 3, 2, 'same'),
  },
  'averages of whole pictures': {
    write: unary('AVERAGE_POOL_2D', pooling(valid, 1, 10, 9)),
    expected: (x) => tf.avgPool(x, [9, 10], 1, 'valid'),
  },
  'maxima with same padding': {
    write: unary('MAX_POOL_2D', pooling(same, 2, 3, 2)),
    expected: (x) => tf.maxPool(x, [2, 3], 2, 'same'),
  },
  'means over height and width, which go': {
    write: listed('MEAN', [1, 2], { 0: none }),
    expected: (x) => tf.mean(x, [1, 2]),
  },
  'means over height and width, which stay': {
    write: listed('MEAN', [-3, -2], { 0: { byte: 1 } }),
    expected: (x) => tf.mean(x, [1, 2], true),
  },
  'sums over one axis': { write: listed('SUM', [2], { 0: none }), expected: (x) => tf.sum(x, 2) },
  'maxima over channels': {
    write: listed('REDUCE_MAX', [3], { 0: { byte: 1 } }),
    expected: (x) => tf.max(x, 3, true),
  },
};

const arithmetic: Readonly<Record<string, Case>> = {
  'a constant a channel, and relu': {
    write: withConstant('ADD', [4], { 0: relu }),
    expected: (x) => tf.relu(tf.add(x, tensor<tf.Rank.R1>([4], 3))),
  },
  'a constant for each place': {
    write: withConstant('MUL', [1, 9, 10, 4]),
    expected: (x) => tf.mul(x, tensor<tf.Rank.R4>([1, 9, 10, 4], 3)),
  },
  'a constant that comes first': {
    write: withConstant('SUB', [4], { 0: none }, true),
    expected: (x) => tf.sub(tensor<tf.Rank.R1>([4], 3), x),
  },
  division: { write: withConstant('DIV', []), expected: (x) => tf.div(x, tensor<tf.Rank.R0>([], 3)) },
  maximum: {
    write: withConstant('MAXIMUM', [1, 1, 4]),
    expected: (x) => tf.maximum(x, tensor<tf.Rank.R3>([1, 1, 4], 3)),
  },
  'squared difference': {
    write: withConstant('SQUARED_DIFFERENCE', [4]),
    expected: (x) => tf.squaredDifference(x, tensor<tf.Rank.R1>([4], 3)),
  },
  'slopes of negative values': {
    write: withConstant('PRELU', [1, 1, 4], {}),
    expected: (x) => tf.prelu(x, tensor<tf.Rank.R4>([1, 1, 1, 4], 3)),
  },
  'a weight a channel, by the mean of the picture': {
    write: (file, input) => {
      const mean = file.operator('MEAN', [input, whole(file, 1, 2)], { shape: [1, 4] }, { 0: none });
      return file.operator('MUL', [input, mean], open, { 0: none });
    },
    expected: (x) => tf.mul(x, tf.mean(x, [1, 2], true)),
  },
};

export const computing: Readonly<Record<string, Case>> = { ...convolutions, ...dense, ...pools, ...arithmetic };

/** The file of a case. */
export function caseFile({ write }: Case): Uint8Array {
  const file = new TfliteWriter();
  file.output(write(file, file.input({ shape: caseShape, signature: [-1, 9, 10, 4] })));
  return file.bytes();
}

export { type Case, constant, int, listed, none, open, unary, whole };
