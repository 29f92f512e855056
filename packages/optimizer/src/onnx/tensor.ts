import { RookeryError } from '@rookery/contracts';
import protobuf from 'protobufjs';
import { DataType, dataTypeName, elementBytes } from './data-types.ts';
import { floatToHalf, halfToFloat } from './half.ts';
import { toNumber } from './int64.ts';
import type { TensorMessage } from './messages.ts';

const invalid = (tensor: TensorMessage, detail: string): RookeryError =>
  new RookeryError('MODEL_INVALID', { detail: `tensor ${JSON.stringify(tensor.name)}: ${detail}` });

/** @throws {RookeryError} MODEL_INVALID where a dimension is negative or the product is out of range. */
export function tensorDims(tensor: TensorMessage): number[] {
  const dims = tensor.dims.map(toNumber);
  if (dims.some((dim) => dim < 0) || !Number.isSafeInteger(elementCount(dims)))
    throw invalid(tensor, `dimensions ${dims}`);
  return dims;
}

export const elementCount = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/** The elements as little-endian bytes, whichever field holds them. @throws {RookeryError} MODEL_INVALID where there are too few or many. */
export function tensorBytes(tensor: TensorMessage): Uint8Array {
  const size = elementBytes(tensor.dataType);
  if (size === undefined)
    throw invalid(tensor, `type ${dataTypeName(tensor.dataType) ?? tensor.dataType} cannot be read`);
  const expected = elementCount(tensorDims(tensor)) * size;
  const raw = tensor.rawData;
  const bytes = raw && raw.byteLength > 0 ? raw : fieldBytes(tensor, size, expected);
  if (bytes.byteLength !== expected)
    throw invalid(tensor, `${bytes.byteLength} bytes where its shape wants ${expected}`);
  return bytes;
}

/** Small types stand in `int32Data` as varints, the others as they are or as 64-bit varints. */
function fieldBytes(tensor: TensorMessage, size: number, expected: number): Uint8Array {
  if (tensor.dataType === DataType.float32) return concat(tensor.floatData ?? []);
  if (tensor.dataType === DataType.float64) return concat(tensor.doubleData ?? []);
  const wide = tensor.dataType === DataType.int64 ? tensor.int64Data : tensor.uint64Data;
  const runs = (size === 8 || tensor.dataType === DataType.uint32 ? wide : tensor.int32Data) ?? [];
  const out = new Uint8Array(Math.min(expected, concat(runs).byteLength * size));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const run of runs) {
    for (const reader = protobuf.Reader.create(run); reader.pos < reader.len && at < out.byteLength; at += size) {
      const value = reader.int64();
      const low = typeof value === 'number' ? value : value.low;
      if (size === 1) view.setInt8(at, low);
      else if (size === 2) view.setInt16(at, low, true);
      else view.setInt32(at, low, true);
      if (size === 8) view.setInt32(at + 4, typeof value === 'number' ? Math.floor(value / 2 ** 32) : value.high, true);
    }
  }
  return out.subarray(0, at);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return parts.length === 1 && only ? only : new Uint8Array(Buffer.concat(parts));
}

/** The elements as numbers. @throws {RookeryError} MODEL_INVALID. */
export function tensorNumbers(tensor: TensorMessage): Float32Array | Float64Array | number[] {
  const bytes = tensorBytes(tensor);
  // A copy: views of a file are seldom aligned.
  const buffer = new Uint8Array(bytes).buffer;
  switch (tensor.dataType) {
    case DataType.float32:
      return new Float32Array(buffer);
    case DataType.float64:
      return new Float64Array(buffer);
    case DataType.float16:
      return Float32Array.from(new Uint16Array(buffer), halfToFloat);
    case DataType.bfloat16:
      return Float32Array.from(
        new Uint16Array(buffer),
        (half) => new Float32Array(new Uint32Array([half << 16]).buffer)[0] ?? 0,
      );
    case DataType.uint8:
    case DataType.bool:
      return [...new Uint8Array(buffer)];
    case DataType.int8:
      return [...new Int8Array(buffer)];
    case DataType.uint16:
      return [...new Uint16Array(buffer)];
    case DataType.int16:
      return [...new Int16Array(buffer)];
    case DataType.int32:
      return [...new Int32Array(buffer)];
    case DataType.uint32:
      return [...new Uint32Array(buffer)];
    default:
      return Array.from(new BigInt64Array(buffer), Number);
  }
}

/** A tensor of float32, or of the float type that `dataType` names. */
export function floatTensor(
  name: string,
  dims: readonly number[],
  values: ArrayLike<number>,
  dataType: number = DataType.float32,
): TensorMessage {
  const typed =
    dataType === DataType.float64
      ? Float64Array.from(values)
      : dataType === DataType.float16
        ? Uint16Array.from(values, floatToHalf)
        : Float32Array.from(values);
  return { name, dims: [...dims], dataType, rawData: new Uint8Array(typed.buffer) };
}

export function int64Tensor(name: string, dims: readonly number[], values: readonly number[]): TensorMessage {
  const typed = BigInt64Array.from(values, BigInt);
  return { name, dims: [...dims], dataType: DataType.int64, rawData: new Uint8Array(typed.buffer) };
}

/** A tensor of one-byte elements. */
export const uint8Tensor = (name: string, dims: readonly number[], values: Uint8Array): TensorMessage => ({
  name,
  dims: [...dims],
  dataType: DataType.uint8,
  rawData: values,
});
