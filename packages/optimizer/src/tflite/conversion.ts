import { RookeryError } from '@rookery/contracts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { elementCount, uint8Tensor } from '../onnx/tensor.ts';
import type { Constants } from './constants.ts';
import type { ByteQuantisation } from './quantisation.ts';
import type { TfliteModel, TfliteOperator, TfliteTensor } from './tflite-model.ts';

/** `float32`: all of it in real numbers. `int8`: what is quantised in the file stands between pairs of quantisers. */
export type Form = 'float32' | 'int8';

/** A tensor on its way, its shape as in the file, the batch first. Four dimensions stand in the graph as NCHW, others as they are. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * Where pictures were cut into so many by SPACE_TO_BATCH_ND, every so many rows and columns one: they stay whole in the graph, and so does
   * the shape, until BATCH_TO_SPACE_ND. A convolution in between reaches as much further.
   */
  readonly apart?: readonly [rows: number, columns: number] | undefined;
}

/** As the file counts pictures that were cut up. */
function shapeInFile({ shape, apart }: Value): readonly number[] {
  const [batch = 1, height = 1, width = 1, ...rest] = shape;
  return apart ? [batch * apart[0] * apart[1], height / apart[0], width / apart[1], ...rest] : shape;
}

/** No picture of a classifier becomes as many numbers. */
const maxElements = 2 ** 28;

/** Whether height and width are 1, or there is one channel: then NHWC and NCHW are the same numbers in the same order. */
export const isFlat = ([, height = 1, width = 1, channels = 1]: readonly number[]): boolean =>
  height * width === 1 || channels === 1;

/** Whether it is rows of all pictures, one after the other, as dense layers of pixels are written: `[256, 96]` of `[1, 16, 16, 96]`. */
export const isRows = (shape: readonly number[], batch: number): boolean =>
  shape.length === 2 && (shape[0] ?? 0) % batch === 0;

/** What is known while a graph is written. */
export class Conversion {
  readonly values = new Map<number, Value>();
  readonly integers = new Map<number, readonly number[]>();
  /** Tensors that are another constant, dequantised. */
  readonly sameAs = new Map<number, TfliteTensor>();
  readonly #fileOrder = new Map<string, string>();
  readonly #readers = new Map<number, TfliteOperator[]>();
  readonly #results = new Map<number, boolean>();

  constructor(
    readonly model: TfliteModel,
    readonly graph: GraphBuilder,
    readonly constants: Constants,
    readonly form: Form,
    /** How many pictures the file was made for. */
    readonly batch: number,
  ) {
    for (const operator of model.operators) {
      for (const input of operator.inputs) {
        const readers = this.#readers.get(input);
        if (readers) readers.push(operator);
        else this.#readers.set(input, [operator]);
      }
    }
  }

  tensor(index: number): TfliteTensor {
    const tensor = this.sameAs.get(index) ?? this.model.tensors[index];
    if (!tensor) throw new RookeryError('MODEL_INVALID', { detail: `there is no tensor ${index}` });
    return tensor;
  }

  /** The operators that read a tensor, by name. */
  readersOf(index: number): readonly string[] {
    return (this.#readers.get(index) ?? []).map(({ name }) => name);
  }

  /** Whether all that becomes of a tensor is an output, at most reshaped or rounded: then nothing computes with its bytes. */
  isResult(index: number): boolean {
    const known = this.#results.get(index);
    if (known !== undefined) return known;
    // A tensor that leads back to itself is none.
    this.#results.set(index, false);
    const result = (this.#readers.get(index) ?? []).every(
      ({ name, outputs }) =>
        ['DEQUANTIZE', 'QUANTIZE', 'RESHAPE', 'SQUEEZE'].includes(name) &&
        outputs.every((output) => this.isResult(output)),
    );
    this.#results.set(index, result);
    return result;
  }

  /** The value in the file's own order of axes. */
  inFileOrder({ name, shape }: Value): string {
    if (shape.length !== 4) return name;
    const known = this.#fileOrder.get(name);
    if (known !== undefined) return known;
    const moved = isFlat(shape)
      ? this.reshape(name, shape.slice(1))
      : this.graph.node('Transpose', [name], { perm: [0, 2, 3, 1] });
    this.#fileOrder.set(name, moved);
    return moved;
  }

  /** A value that was computed in the file's own order. */
  fromFileOrder(name: string, shape: readonly number[]): Value {
    if (shape.length !== 4) return { name, shape };
    const [, height = 1, width = 1, channels = 1] = shape;
    const moved = isFlat(shape)
      ? this.reshape(name, [channels, height, width])
      : this.graph.node('Transpose', [name], { perm: [0, 3, 1, 2] });
    this.#fileOrder.set(moved, name);
    return { name: moved, shape };
  }

  /** Gives each picture these dimensions. */
  reshape(name: string, dims: readonly number[]): string {
    return this.graph.node('Reshape', [name, this.graph.list([-1, ...dims])]);
  }

  /** Rounds to bytes and back, which the engine's integer kernels take for their own. */
  quantised(name: string, bytes: ByteQuantisation): string {
    return this.dequantised(this.graph.node('QuantizeLinear', [name, ...this.#parameters(bytes)]), bytes);
  }

  /** The real numbers of bytes. */
  dequantised(name: string, bytes: ByteQuantisation): string {
    return this.graph.node('DequantizeLinear', [name, ...this.#parameters(bytes)]);
  }

  #parameters({ scale, zeroPoint }: ByteQuantisation): string[] {
    const zero = this.graph.once(`zero_point_${zeroPoint}`, (name) =>
      this.graph.tensor(uint8Tensor(name, [], Uint8Array.of(zeroPoint))),
    );
    return [this.graph.scalar(scale), zero];
  }

  /** Sets what a tensor became, as bytes and back where it has them. `where` is said in errors. */
  define(index: number, value: Value, where: string, bytes: ByteQuantisation | undefined): void {
    const tensor = this.tensor(index);
    const { shape } = value;
    if (shape.some((size) => !(size >= 1)) || elementCount(shape) > maxElements)
      throw new RookeryError('MODEL_INVALID', { detail: `${where} has the shape [${shape}]` });
    if (shape[0] !== this.batch && !isRows(shape, this.batch))
      throw new RookeryError('MODEL_OPERATOR_UNSUPPORTED', { detail: `${where}: pictures are mixed, to [${shape}]` });
    const [said, made] = [tensor.signature, shapeInFile(value)];
    const isOutput = this.model.outputs.includes(index);
    const differs = said.length !== made.length || said.some((size, axis) => size !== -1 && size !== made[axis]);
    // Dynamic files have no shapes there, and a batch of 1 may be dropped at the end.
    if (said.length > 0 && differs && !isOutput)
      throw new RookeryError('MODEL_INVALID', { detail: `${where} would be [${made}]; the file says [${said}]` });
    this.values.set(index, bytes ? { ...value, name: this.quantised(value.name, bytes) } : value);
  }
}
