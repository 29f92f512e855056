import { Builder } from 'flatbuffers';
import { operatorCode } from '../../tflite/operator-names.ts';
import { type ElementType, elementTypes } from '../../tflite/tflite-model.ts';
import { aligned, floats, ints, offsets, table, vector } from './flat-tables.ts';
import { operatorKinds } from './operator-options.ts';

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly type?: ElementType;
  readonly name?: string;
  /** A constant's elements. */
  readonly data?: Float32Array | Uint16Array | Int32Array | Uint8Array | Int8Array;
  readonly scale?: readonly number[];
  readonly zeroPoint?: readonly number[];
  /** Of the scales. */
  readonly axis?: number;
  /** The shape with -1 where it is open. */
  readonly signature?: readonly number[];
}

/** A field of an operator's options by its number: a byte, a whole number, a real one, a list. */
type Field =
  | { readonly byte: number }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] };
export type Fields = Readonly<Record<number, Field>>;

interface OperatorSpec {
  readonly name: string;
  readonly custom?: string | undefined;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly fields: Fields;
}

const customOperator = 32;
const schemaVersion = 3;

/** Writes TFLite files (tensorflow/lite/schema/schema.fbs; the numbers are those of its fields). Tensors are known by their places. */
export class TfliteWriter {
  readonly #tensors: TensorSpec[] = [];
  readonly #operators: OperatorSpec[] = [];
  readonly #inputs: number[] = [];
  readonly #outputs: number[] = [];
  readonly #metadata: { readonly name: string; readonly bytes: Uint8Array }[] = [];

  tensor(spec: TensorSpec): number {
    return this.#tensors.push({ name: `tensor ${this.#tensors.length}`, ...spec }) - 1;
  }

  input(spec: TensorSpec): number {
    const index = this.tensor({ name: 'pixels', ...spec });
    this.#inputs.push(index);
    return index;
  }

  /** Adds an operator with one output; `custom` is the name of one that the schema does not know. */
  operator(name: string, inputs: readonly number[], output: TensorSpec, fields: Fields = {}, custom?: string): number {
    const index = this.tensor(output);
    this.#operators.push({ name, inputs, outputs: [index], fields, custom });
    return index;
  }

  /** One with several. */
  several(name: string, inputs: readonly number[], outputs: readonly TensorSpec[], fields: Fields = {}): number[] {
    const indices = outputs.map((output) => this.tensor(output));
    this.#operators.push({ name, inputs, outputs: indices, fields });
    return indices;
  }

  output(index: number): void {
    this.#outputs.push(index);
  }

  /** What stands beside the graph under a name. */
  metadata(name: string, bytes: Uint8Array): void {
    this.#metadata.push({ name, bytes });
  }

  bytes(): Uint8Array {
    const builder = new Builder(1024);
    // The first buffer is that of all tensors that are no constants.
    const constants = this.#tensors.map(({ data }) => data).filter((data) => data !== undefined);
    const buffers = [undefined, ...constants, ...this.#metadata.map(({ bytes }) => bytes)].map((data) => {
      const bytes = data && aligned(builder, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return table(builder, 1, (field) => bytes !== undefined && field.offset(0, bytes));
    });
    let constant = 0;
    const tensors = this.#tensors.map((spec) => {
      if (spec.data) constant += 1;
      return writeTensor(builder, spec, spec.data ? constant : 0);
    });
    const kinds = [...new Set(this.#operators.map((spec) => this.#kindOf(spec)))];
    const codes = kinds.map((kind) => writeCode(builder, kind));
    const operators = this.#operators.map((spec) => writeOperator(builder, spec, kinds.indexOf(this.#kindOf(spec))));
    const lists = [
      offsets(builder, tensors),
      ints(builder, this.#inputs),
      ints(builder, this.#outputs),
      offsets(builder, operators),
    ];
    const graph = table(builder, 5, (field) => {
      for (const [n, list] of lists.entries()) field.offset(n, list);
    });
    const entries = this.#metadata.map(({ name }, n) => {
      const text = builder.createString(name);
      return table(builder, 2, (field) => {
        field.offset(0, text);
        field.int(1, constants.length + 1 + n);
      });
    });
    const metadata = entries.length > 0 ? offsets(builder, entries) : undefined;
    const [operatorCodes, graphs, bufferList] = [
      offsets(builder, codes),
      offsets(builder, [graph]),
      offsets(builder, buffers),
    ];
    const model = table(builder, 8, (field) => {
      field.int(0, schemaVersion);
      field.offset(1, operatorCodes);
      field.offset(2, graphs);
      field.offset(4, bufferList);
      if (metadata !== undefined) field.offset(6, metadata);
    });
    builder.finish(model, 'TFL3');
    return builder.asUint8Array().slice();
  }

  /** Name, version and own name. */
  #kindOf({ name, custom = '', inputs, outputs }: OperatorSpec): string {
    const isInt8 = [...inputs, ...outputs].some((index) => this.#tensors[index]?.type === 'int8');
    return `${name} ${isInt8 ? (operatorKinds[name]?.int8 ?? 1) : 1} ${custom}`;
  }
}

function writeCode(builder: Builder, kind: string): number {
  const [name = '', version = '1', custom = ''] = kind.split(' ');
  const code = custom ? customOperator : operatorCode(name);
  const text = custom ? builder.createString(custom) : undefined;
  return table(builder, 4, (field) => {
    // Codes past 127 stand in a field of their own.
    field.byte(0, Math.min(code, 127));
    if (text !== undefined) field.offset(1, text);
    field.int(2, Number(version));
    field.int(3, code);
  });
}

function writeTensor(builder: Builder, spec: TensorSpec, buffer: number): number {
  const { shape, type = 'float32', name = '', scale, zeroPoint = [], axis = 0, signature } = spec;
  const text = builder.createString(name);
  const dims = ints(builder, shape);
  const open = signature && ints(builder, signature);
  const scales = scale && floats(builder, scale);
  const zeros = vector(builder, 8, zeroPoint.length, (n) => builder.addInt64(BigInt(zeroPoint[n] ?? 0)));
  const quantisation =
    scales !== undefined &&
    table(builder, 7, (field) => {
      field.offset(2, scales);
      field.offset(3, zeros);
      field.int(6, axis);
    });
  return table(builder, 8, (field) => {
    field.offset(0, dims);
    field.byte(1, elementTypes.indexOf(type));
    field.int(2, buffer);
    field.offset(3, text);
    if (quantisation !== false) field.offset(4, quantisation);
    if (open !== undefined) field.offset(7, open);
  });
}

function writeOperator(builder: Builder, { name, inputs, outputs, fields }: OperatorSpec, code: number): number {
  const union = operatorKinds[name]?.options ?? 0;
  const numbers = Object.keys(fields).map(Number);
  const lists = new Map<number, number>();
  for (const n of numbers) {
    const field = fields[n];
    if (field && 'ints' in field) lists.set(n, ints(builder, field.ints));
  }
  const options = table(builder, Math.max(0, ...numbers) + 1, (write) => {
    for (const n of numbers) {
      const field = fields[n];
      if (!field) continue;
      if ('byte' in field) write.byte(n, field.byte);
      else if ('int' in field) write.int(n, field.int);
      else if ('float' in field) write.float(n, field.float);
      else write.offset(n, lists.get(n) ?? 0);
    }
  });
  const [read, made] = [ints(builder, inputs), ints(builder, outputs)];
  return table(builder, 5, (field) => {
    field.int(0, code);
    field.offset(1, read);
    field.offset(2, made);
    if (union > 0) {
      field.byte(3, union);
      field.offset(4, options);
    }
  });
}
