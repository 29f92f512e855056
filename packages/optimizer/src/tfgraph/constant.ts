import { RookeryError } from '@rookery/contracts';
import { halfToFloat } from '../onnx/half.ts';
import { toNumber } from '../onnx/int64.ts';
import { elementCount } from '../onnx/tensor.ts';
import { type ShapeMessage, type TfTensorMessage, TfType } from './messages.ts';

/** A tensor that is known, in TensorFlow's own order of axes. */
export interface Constant {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
}

export const constantOf = (dims: readonly number[], values: ArrayLike<number>): Constant => ({
  kind: 'constant',
  dims,
  values,
});

/** Sizes, -1 where one is open; `undefined` where not even the rank is known. */
export const dimsOf = (shape: ShapeMessage | null | undefined): number[] | undefined =>
  !shape || shape.unknownRank ? undefined : (shape.dim ?? []).map(({ size = 0 }) => toNumber(size));

/** Bytes in TensorFlow's little-endian layout as numbers. @throws {RookeryError} with `where`. */
export function numbersOf(type: number, bytes: Uint8Array, where: string): ArrayLike<number> {
  // A copy: views of a file are seldom aligned.
  const { buffer } = new Uint8Array(bytes);
  switch (type) {
    case TfType.float:
      return new Float32Array(buffer);
    case TfType.double:
      return Float32Array.from(new Float64Array(buffer));
    case TfType.half:
      return Float32Array.from(new Uint16Array(buffer), halfToFloat);
    case TfType.bfloat16:
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer);
    case TfType.int32:
      return new Int32Array(buffer);
    case TfType.int64:
      return Array.from(new BigInt64Array(buffer), Number);
    case TfType.int16:
      return new Int16Array(buffer);
    case TfType.int8:
      return new Int8Array(buffer);
    case TfType.uint8:
    case TfType.bool:
      return new Uint8Array(buffer);
    default:
      throw new RookeryError('MODEL_OPERATOR_UNSUPPORTED', { detail: `${where}: constants of data type ${type}` });
  }
}

/** A TensorProto: its content, or a list whose last element fills what is missing. @throws {RookeryError} with `where`. */
export function tensorConstant(tensor: TfTensorMessage, where: string): Constant {
  const dims = dimsOf(tensor.tensorShape) ?? [];
  const count = elementCount(dims);
  const type = tensor.dtype ?? 0;
  const invalid = (detail: string): RookeryError =>
    new RookeryError('MODEL_INVALID', { detail: `${where}: ${detail}` });
  if (!Number.isSafeInteger(count) || count < 0 || count > 2 ** 29) throw invalid(`a constant of the shape [${dims}]`);
  if (tensor.tensorContent && tensor.tensorContent.byteLength > 0) {
    const values = numbersOf(type, tensor.tensorContent, where);
    if (values.length !== count) throw invalid(`${values.length} values where its shape [${dims}] wants ${count}`);
    return constantOf(dims, values);
  }
  const listed = [
    tensor.floatVal,
    tensor.doubleVal,
    tensor.intVal,
    tensor.int64Val?.map(toNumber),
    tensor.boolVal?.map(Number),
    tensor.halfVal?.map((half) => (type === TfType.half ? halfToFloat(half) : bfloat(half))),
  ].find((list) => list && list.length > 0);
  const last = listed?.at(-1) ?? 0;
  const whole = Float64Array.from({ length: count }, (_, at) => listed?.[at] ?? last);
  return constantOf(dims, isFloat(type) ? Float32Array.from(whole) : whole);
}

export const isFloat = (type: number): boolean =>
  [TfType.float, TfType.double, TfType.half, TfType.bfloat16].includes(type as 1);

const bfloat = (half: number): number => new Float32Array(Uint32Array.of(half << 16).buffer)[0] ?? 0;
