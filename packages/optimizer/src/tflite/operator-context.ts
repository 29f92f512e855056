import { RookeryError } from '@rookery/contracts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { Conversion, Form, Value } from './conversion.ts';
import type { FlatTable } from './flatbuffer.ts';
import { type ByteQuantisation, byteQuantisation, sameQuantisation } from './quantisation.ts';
import type { TfliteOperator, TfliteTensor } from './tflite-model.ts';

/** A constant's real numbers in the file's order. */
export interface Constant {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  readonly tensor: TfliteTensor;
}

/** Writes one operator's nodes and says what its outputs became. */
export type OperatorConverter = (context: OperatorContext) => Value | readonly Value[];

/** An operator while it is written. */
export class OperatorContext {
  constructor(
    readonly conversion: Conversion,
    readonly operator: TfliteOperator,
  ) {}

  get graph(): GraphBuilder {
    return this.conversion.graph;
  }

  get form(): Form {
    return this.conversion.form;
  }

  /** `operator 12 CONV_2D, which makes "MobilenetV1/Conv/Relu6"`. */
  get place(): string {
    const [first = -1] = this.operator.outputs;
    const made = this.conversion.model.tensors[first]?.name;
    return `operator ${this.operator.index} ${this.operator.name}, which makes ${JSON.stringify(made ?? '')}`;
  }

  unsupported(what = ''): RookeryError {
    return new RookeryError('MODEL_OPERATOR_UNSUPPORTED', { detail: `${this.place}${what && `: ${what}`}` });
  }

  invalid(what: string): RookeryError {
    return new RookeryError('MODEL_INVALID', { detail: `${this.place}: ${what}` });
  }

  /** The operator's own options. @throws {RookeryError} MODEL_INVALID where it has none. */
  get options(): FlatTable {
    if (!this.operator.options) throw this.invalid('it has no options');
    return this.operator.options;
  }

  /** The tensor behind an input; `undefined` where it is not given. */
  input(n: number): TfliteTensor | undefined {
    const index = this.operator.inputs[n] ?? -1;
    return index < 0 ? undefined : this.conversion.tensor(index);
  }

  get output(): TfliteTensor {
    return this.conversion.tensor(this.operator.outputs[0] ?? -1);
  }

  /** What an input has become. @throws {RookeryError} MODEL_INVALID where it is not there yet, or a constant. */
  value(n = 0): Value {
    const value = this.conversion.values.get(this.operator.inputs[n] ?? -1);
    if (value) return value;
    const tensor = this.input(n);
    if (tensor?.bytes) throw this.unsupported(`input ${n} is a constant`);
    throw this.invalid(tensor ? `input ${JSON.stringify(tensor.name)} is not made by then` : `input ${n} is missing`);
  }

  /** An input that must be pictures. */
  pictures(n = 0): { name: string; height: number; width: number; channels: number } {
    const { name, shape } = this.value(n);
    const [, height, width, channels] = shape;
    if (shape.length !== 4 || height === undefined || width === undefined || channels === undefined)
      throw this.unsupported(`input of shape [${shape}]`);
    return { name, height, width, channels };
  }

  constant(n: number): Constant | undefined {
    const tensor = this.input(n);
    return tensor?.bytes && { values: this.conversion.constants.floats(tensor), shape: tensor.shape, tensor };
  }

  /** Whole numbers that are known now: a constant, or computed from shapes. */
  integers(n: number): readonly number[] | undefined {
    const known = this.conversion.integers.get(this.operator.inputs[n] ?? -1);
    if (known) return known;
    const tensor = this.input(n);
    if (!tensor?.bytes || (tensor.type !== 'int32' && tensor.type !== 'int64')) return undefined;
    return Array.from(this.conversion.constants.elements(tensor));
  }

  /** How an input's values are bytes; `undefined` in the float32 form. */
  inputBytes(n = 0): ByteQuantisation | undefined {
    const tensor = this.input(n);
    return this.form === 'int8' && tensor ? byteQuantisation(tensor) : undefined;
  }

  /**
   * How an output's values are bytes; `undefined` in the float32 form, and where nothing computes with them: scores are not rounded for
   * nothing. Convolutions are faster with bytes at both ends.
   */
  outputBytes(n = 0): ByteQuantisation | undefined {
    const index = this.operator.outputs[n] ?? -1;
    const isConvolution = this.operator.name.endsWith('CONV_2D');
    if (this.form === 'float32' || (!isConvolution && this.conversion.isResult(index))) return undefined;
    const bytes = byteQuantisation(this.conversion.tensor(index));
    return bytes && this.#isPaddingOfConvolutions(index, bytes) ? undefined : bytes;
  }

  /** Padding that becomes part of the convolutions that read it: these want the quantisers right before them. */
  #isPaddingOfConvolutions(index: number, bytes: ByteQuantisation): boolean {
    const before = this.operator.name === 'PAD' ? this.inputBytes() : undefined;
    const readers = this.conversion.readersOf(index);
    return before !== undefined && sameQuantisation(before, bytes) && readers.every((name) => name.endsWith('CONV_2D'));
  }

  /** Whether the output's values are bytes in the file, and this is the form that keeps them. */
  outputIsBytes(): boolean {
    return this.form === 'int8' && byteQuantisation(this.output) !== undefined;
  }

  /** An axis as the file counts them, also from the end. */
  axis(axis: number, rank: number): number {
    const from = axis < 0 ? axis + rank : axis;
    if (!(from >= 0 && from < rank)) throw this.invalid(`axis ${axis} of ${rank}`);
    return from;
  }
}
