import { RookeryError } from '@rookery/contracts';
import { halfToFloat } from '../onnx/half.ts';
import { elementCount } from '../onnx/tensor.ts';
import type { ElementType, TfliteTensor } from './tflite-model.ts';

const elementBytes: Partial<Record<ElementType, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint8: 1,
  int64: 8,
  bool: 1,
  int16: 2,
  int8: 1,
  float64: 8,
  bfloat16: 2,
};
/** Elements that constants may become, for each byte of all their buffers: buffers may be shared, but not without end. */
const perByte = 4;
const atLeast = 1 << 20;

/** Reads constants. @throws {RookeryError} MODEL_INVALID where one has too few bytes; MODEL_OPERATOR_UNSUPPORTED for a type. */
export class Constants {
  #left: number;

  constructor(fileBytes: number) {
    this.#left = atLeast + fileBytes * perByte;
  }

  /** The elements as the file has them. */
  elements(tensor: TfliteTensor): ArrayLike<number> {
    const { bytes, name, type, shape } = tensor;
    const size = elementBytes[type];
    if (!bytes) throw new RookeryError('MODEL_INVALID', { detail: `tensor ${JSON.stringify(name)} has no data` });
    if (size === undefined) {
      throw new RookeryError('MODEL_OPERATOR_UNSUPPORTED', {
        detail: `tensor ${JSON.stringify(name)}: constants of type ${type}`,
      });
    }
    const count = elementCount(shape);
    if (count * size !== bytes.byteLength) {
      throw new RookeryError('MODEL_INVALID', {
        detail: `tensor ${JSON.stringify(name)}: ${bytes.byteLength} bytes where [${shape}] of ${type} wants ${count * size}`,
      });
    }
    this.#left -= count;
    if (this.#left < 0)
      throw new RookeryError('MODEL_INVALID', { detail: 'its constants are many times what the file has' });
    // A copy: views of a file are seldom aligned.
    return typed(type, new Uint8Array(bytes).buffer);
  }

  /** The elements as real numbers: what is quantised is dequantised. */
  floats(tensor: TfliteTensor): Float32Array {
    const elements = this.elements(tensor);
    const { quantisation, shape, name } = tensor;
    if (!quantisation) return elements instanceof Float32Array ? elements : Float32Array.from(elements);
    const { scale, zeroPoint, axis } = quantisation;
    if (scale.length > 1 && scale.length !== shape[axis]) {
      throw new RookeryError('MODEL_INVALID', {
        detail: `tensor ${JSON.stringify(name)}: ${scale.length} scales for axis ${axis} of [${shape}]`,
      });
    }
    // How many elements stand between one place of the axis and the next.
    const inner = scale.length > 1 ? elementCount(shape.slice(axis + 1)) : elements.length;
    const values = new Float32Array(elements.length);
    for (let at = 0; at < values.length; at += 1) {
      const channel = Math.floor(at / inner) % scale.length;
      values[at] = ((elements[at] ?? 0) - (zeroPoint[channel] ?? 0)) * (scale[channel] ?? 1);
    }
    return values;
  }
}

function typed(type: ElementType, buffer: ArrayBuffer): ArrayLike<number> {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), halfToFloat);
    case 'bfloat16':
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int64':
      return Array.from(new BigInt64Array(buffer), Number);
    default:
      return new Uint8Array(buffer);
  }
}
