import { RookeryError } from '@rookery/contracts';
import type { ByteScale, Numbers } from '../channels-last/steps.ts';
import { type TensorSpec, TfliteWriter } from './tflite-writer.ts';

/** A value as bytes: its tensor, and what they stand for. Only what comes in is unsigned. */
export interface Bytes {
  readonly tensor: number;
  readonly type: 'uint8' | 'int8';
  readonly scale: ByteScale;
}

/** The values of a graph as tensors of a file: as real numbers, as bytes, or as both, each written when it is first needed. */
export class Tensors {
  readonly file = new TfliteWriter();
  readonly #real = new Map<string, number>();
  readonly #bytes = new Map<string, Bytes>();
  readonly #shapes = new Map<string, readonly number[]>();

  /** A value's tensor: for one picture, the batch open. */
  spec(name: string, shape: readonly number[], bytes?: Omit<Bytes, 'tensor'>): TensorSpec {
    this.#shapes.set(name, shape);
    const own = { name, shape: shape.map((size) => (size === -1 ? 1 : size)), signature: shape };
    if (!bytes) return own;
    const { type, scale } = bytes;
    return { ...own, type, scale: [scale.scale], zeroPoint: [scale.zeroPoint - (type === 'int8' ? 128 : 0)] };
  }

  defineReal(name: string, tensor: number): void {
    this.#real.set(name, tensor);
  }

  defineBytes(name: string, bytes: Bytes, shape: readonly number[]): void {
    this.#shapes.set(name, shape);
    this.#bytes.set(name, bytes);
  }

  bytes(name: string): Bytes | undefined {
    return this.#bytes.get(name);
  }

  /** The value as real numbers; what there is only as bytes is dequantised. */
  real(name: string): number {
    const known = this.#real.get(name);
    if (known !== undefined) return known;
    const bytes = this.#bytes.get(name);
    if (!bytes) throw new RookeryError('INTERNAL', { detail: `nothing makes ${name}` });
    const tensor = this.file.operator('DEQUANTIZE', [bytes.tensor], this.spec(name, this.#shapes.get(name) ?? []));
    this.#real.set(name, tensor);
    return tensor;
  }

  /** The value as signed bytes of this scale. */
  quantised(name: string, scale: ByteScale, output: string): Bytes {
    const bytes = { type: 'int8', scale } as const;
    const source = this.#real.get(name) ?? this.#bytes.get(name)?.tensor ?? this.real(name);
    const spec = this.spec(output, this.#shapes.get(name) ?? [], bytes);
    return { ...bytes, tensor: this.file.operator('QUANTIZE', [source], spec) };
  }

  floats(name: string, dims: readonly number[], values: Float32Array): number {
    return this.file.tensor({ name, shape: dims, data: values });
  }

  numbers(name: string, { dims, values }: Numbers): number {
    return this.floats(name, dims, values);
  }

  ints(name: string, values: readonly number[], dims: readonly number[] = [values.length]): number {
    return this.file.tensor({ name, shape: dims, type: 'int32', data: Int32Array.from(values) });
  }
}
