import { type TensorSpec, TfliteWriter } from '../../src/export/tflite/tflite-writer.ts';
import { numbers } from './small-models.ts';

export const netSize = 12;
export const netClasses = 5;

interface Bytes {
  readonly scale: number;
  /** From 0 to 255. */
  readonly zero: number;
}

const pixelBytes: Bytes = { scale: 1 / 128, zero: 128 };
const relu6Bytes: Bytes = { scale: 6 / 255, zero: 0 };

/** How a small network in bytes is made: unsigned with one scale a tensor, as was usual, or signed with one a channel, as is now. */
export interface NetOptions {
  readonly type: 'uint8' | 'int8';
  /** Real numbers at both ends, with a quantiser and a dequantiser inside. */
  readonly floatEnds?: boolean;
}

/** Convolution, depthwise, pointwise, a sum with what came before, padding, a convolution without any, mean, dense, softmax. */
export function quantisedNet({ type, floatEnds = false }: NetOptions): Uint8Array {
  const file = new TfliteWriter();
  const offset = type === 'int8' ? 128 : 0;
  const made = (shape: readonly number[], { scale, zero }: Bytes): TensorSpec => ({
    shape,
    type,
    scale: [scale],
    zeroPoint: [zero - offset],
  });
  let seed = 30;
  /** Weights with values of about -1 to 1, and a bias. */
  const weights = (shape: readonly number[], axis: number, input: Bytes, size: number): number[] => {
    seed += 1;
    const count = shape.reduce((product, each) => product * each, 1);
    const channels = shape[axis] ?? 1;
    const codes = numbers(count, seed);
    const perChannel = type === 'int8';
    const scale = Array.from(
      { length: perChannel ? channels : 1 },
      (_, c) => (size * (perChannel ? 0.4 + 0.4 * (c / channels) : 1)) / 127,
    );
    const kernel = file.tensor({
      shape,
      type,
      axis,
      scale,
      zeroPoint: scale.map(() => (perChannel ? 0 : 118)),
      data: perChannel
        ? Int8Array.from(codes, (code) => Math.round(code * 254))
        : Uint8Array.from(codes, (code) => Math.round((code + 0.5) * 255)),
    });
    const biasScale = scale.map((each) => each * input.scale);
    const bias = file.tensor({
      shape: [channels],
      type: 'int32',
      scale: biasScale,
      zeroPoint: scale.map(() => 0),
      data: Int32Array.from(numbers(channels, seed + 100), (value, c) =>
        Math.round(value / (biasScale[perChannel ? c : 0] ?? 1)),
      ),
    });
    return [kernel, bias];
  };
  const integers = (shape: readonly number[], ...values: number[]): number =>
    file.tensor({ shape, type: 'int32', data: Int32Array.from(values) });
  const same = (stride: number, activation: number) =>
    ({ 0: { byte: 0 }, 1: { int: stride }, 2: { int: stride }, 3: { byte: activation } }) as const;

  const shape = [1, netSize, netSize, 3];
  const pixels = floatEnds
    ? file.operator('QUANTIZE', [file.input({ shape })], made(shape, pixelBytes))
    : file.input(made(shape, pixelBytes));
  const wide: Bytes = { scale: 0.06, zero: 120 };
  const small = [1, 6, 6, 8];
  const first = file.operator(
    'CONV_2D',
    [pixels, ...weights([8, 3, 3, 3], 0, pixelBytes, 0.8)],
    made(small, relu6Bytes),
    same(2, 3),
  );
  const deep = file.operator(
    'DEPTHWISE_CONV_2D',
    [first, ...weights([1, 3, 3, 8], 3, relu6Bytes, 0.7)],
    made(small, relu6Bytes),
    {
      ...same(1, 0),
      3: { int: 1 },
      4: { byte: 3 },
    },
  );
  const point = file.operator(
    'CONV_2D',
    [deep, ...weights([8, 1, 1, 8], 0, relu6Bytes, 0.6)],
    made(small, wide),
    same(1, 0),
  );
  const sum = file.operator('ADD', [first, point], made(small, wide), { 0: { byte: 0 } });
  const padded = file.operator('PAD', [sum, integers([4, 2], 0, 0, 0, 1, 0, 1, 0, 0)], made([1, 7, 7, 8], wide));
  const last: Bytes = { scale: 0.05, zero: 0 };
  const tight = file.operator('CONV_2D', [padded, ...weights([10, 3, 3, 8], 0, wide, 0.3)], made([1, 3, 3, 10], last), {
    0: { byte: 1 },
    1: { int: 2 },
    2: { int: 2 },
    3: { byte: 1 },
  });
  const mean = file.operator('MEAN', [tight, integers([2], 1, 2)], made([1, 10], last), { 0: { byte: 0 } });
  const logitBytes: Bytes = { scale: 0.1, zero: 130 };
  const logits = file.operator(
    'FULLY_CONNECTED',
    [mean, ...weights([netClasses, 10], 0, last, 1)],
    made([1, netClasses], logitBytes),
    {
      0: { byte: 0 },
    },
  );
  const scores = file.operator('SOFTMAX', [logits], made([1, netClasses], { scale: 1 / 256, zero: 0 }), {
    0: { float: 1 },
  });
  file.output(floatEnds ? file.operator('DEQUANTIZE', [scores], { shape: [1, netClasses] }) : scores);
  return file.bytes();
}
