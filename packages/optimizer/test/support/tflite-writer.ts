import { Builder } from 'flatbuffers';

type Type = 'float32' | 'float16' | 'int32' | 'uint8' | 'int64' | 'int8';
const typeCodes: Record<Type, number> = { float32: 0, float16: 1, int32: 2, uint8: 3, int64: 4, int8: 9 };

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly type?: Type;
  readonly name?: string;
  /** A constant's elements. */
  readonly data?: Float32Array | Uint16Array | Int32Array | Uint8Array | Int8Array;
  readonly scale?: readonly number[];
  readonly zeroPoint?: readonly number[];
  readonly axis?: number;
  readonly signature?: readonly number[];
}

/** A field of an operator's options by its number: a byte, a whole number, a real one, a list. */
export type Field =
  | { readonly byte: number }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] };
export type Fields = Readonly<Record<number, Field>>;

/** Code, and number in the union of options. */
const operators: Readonly<Record<string, readonly [code: number, options: number]>> = {
  ADD: [0, 11],
  AVERAGE_POOL_2D: [1, 5],
  CONCATENATION: [2, 10],
  CONV_2D: [3, 1],
  DEPTHWISE_CONV_2D: [4, 2],
  DEPTH_TO_SPACE: [5, 94],
  DEQUANTIZE: [6, 38],
  FULLY_CONNECTED: [9, 8],
  LOGISTIC: [14, 0],
  LOCAL_RESPONSE_NORMALIZATION: [13, 13],
  MAX_POOL_2D: [17, 5],
  MUL: [18, 21],
  RELU: [19, 0],
  RELU_N1_TO_1: [20, 0],
  RELU6: [21, 0],
  RESHAPE: [22, 17],
  SOFTMAX: [25, 9],
  SPACE_TO_DEPTH: [26, 19],
  TANH: [28, 0],
  CUSTOM: [32, 0],
  PAD: [34, 22],
  GATHER: [36, 23],
  TRANSPOSE: [39, 26],
  MEAN: [40, 27],
  SUB: [41, 28],
  DIV: [42, 29],
  SQUEEZE: [43, 30],
  STRIDED_SLICE: [45, 32],
  SPLIT: [49, 35],
  PRELU: [54, 0],
  MAXIMUM: [55, 39],
  PADV2: [60, 43],
  SLICE: [65, 48],
  EXPAND_DIMS: [70, 52],
  SUM: [74, 27],
  RSQRT: [76, 0],
  SHAPE: [77, 55],
  PACK: [83, 59],
  REDUCE_MAX: [82, 27],
  LEAKY_RELU: [98, 75],
  SQUARED_DIFFERENCE: [99, 76],
  MIRROR_PAD: [100, 77],
  QUANTIZE: [114, 89],
  HARD_SWISH: [117, 0],
  RFFT2D: [131, 105],
  GELU: [150, 116],
};

interface OperatorSpec {
  readonly name: string;
  readonly custom?: string | undefined;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly fields: Fields;
}

/** Writes small TFLite files, with the field numbers of schema.fbs. */
export class TfliteWriter {
  readonly #tensors: TensorSpec[] = [];
  readonly #operators: OperatorSpec[] = [];
  readonly #inputs: number[] = [];
  readonly #outputs: number[] = [];
  #metadata: Uint8Array | undefined;

  tensor(spec: TensorSpec): number {
    return this.#tensors.push({ name: `tensor ${this.#tensors.length}`, ...spec }) - 1;
  }

  input(spec: TensorSpec): number {
    const index = this.tensor({ name: 'pixels', ...spec });
    this.#inputs.push(index);
    return index;
  }

  /** Adds an operator with one output. */
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

  /** TFLITE_METADATA with a normalisation of the input. */
  normalised(mean: readonly number[], std: readonly number[]): void {
    const builder = new Builder();
    const [means, stds] = [floats(builder, mean), floats(builder, std)];
    const options = table(builder, 2, (field) => {
      field.offset(0, means);
      field.offset(1, stds);
    });
    const unit = table(builder, 2, (field) => {
      field.byte(0, 1);
      field.offset(1, options);
    });
    const units = offsets(builder, [unit]);
    const input = table(builder, 7, (field) => field.offset(4, units));
    const inputs = offsets(builder, [input]);
    const graph = table(builder, 10, (field) => field.offset(2, inputs));
    const graphs = offsets(builder, [graph]);
    builder.finish(
      table(builder, 8, (field) => field.offset(3, graphs)),
      'M001',
    );
    this.#metadata = builder.asUint8Array();
  }

  bytes(): Uint8Array {
    const builder = new Builder(1024);
    const constants = [undefined, ...this.#tensors.map(({ data }) => data), this.#metadata];
    const buffers = constants.map((data) => {
      const vector = data && aligned(builder, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return table(builder, 1, (field) => vector !== undefined && field.offset(0, vector));
    });
    const tensors = this.#tensors.map((spec, index) => writeTensor(builder, spec, spec.data ? index + 1 : 0));
    const kinds = [...new Set(this.#operators.map(({ name, custom }) => `${name} ${custom ?? ''}`))];
    const codes = kinds.map((kind) => {
      const [name = '', custom = ''] = kind.split(' ');
      const [code = 0] = operators[name] ?? [];
      const text = custom ? builder.createString(custom) : undefined;
      return table(builder, 4, (field) => {
        field.byte(0, Math.min(code, 127));
        if (text !== undefined) field.offset(1, text);
        field.int(2, 1);
        field.int(3, code);
      });
    });
    const written = this.#operators.map((spec) =>
      writeOperator(builder, spec, kinds.indexOf(`${spec.name} ${spec.custom ?? ''}`)),
    );
    const lists = [
      offsets(builder, tensors),
      ints(builder, this.#inputs),
      ints(builder, this.#outputs),
      offsets(builder, written),
    ];
    const graph = table(builder, 5, (field) => {
      for (const [n, list] of lists.entries()) field.offset(n, list);
    });
    const parts = [offsets(builder, codes), offsets(builder, [graph]), offsets(builder, buffers)];
    const name = builder.createString('TFLITE_METADATA');
    const entry = table(builder, 2, (field) => {
      field.offset(0, name);
      field.int(1, constants.length - 1);
    });
    const metadata = this.#metadata && offsets(builder, [entry]);
    const [operatorCodes = 0, graphs = 0, bufferList = 0] = parts;
    builder.finish(
      table(builder, 8, (field) => {
        field.int(0, 3);
        field.offset(1, operatorCodes);
        field.offset(2, graphs);
        field.offset(4, bufferList);
        if (metadata !== undefined) field.offset(6, metadata);
      }),
      'TFL3',
    );
    return builder.asUint8Array().slice();
  }
}

interface FieldWriter {
  byte(field: number, value: number): void;
  int(field: number, value: number): void;
  float(field: number, value: number): void;
  offset(field: number, value: number): void;
}

function table(builder: Builder, fields: number, write: (field: FieldWriter) => unknown): number {
  builder.startObject(fields);
  builder.forceDefaults(true);
  write({
    byte: (field, value) => builder.addFieldInt8(field, value, 0),
    int: (field, value) => builder.addFieldInt32(field, value, 0),
    float: (field, value) => builder.addFieldFloat32(field, value, 0),
    offset: (field, value) => builder.addFieldOffset(field, value, 0),
  });
  return builder.endObject();
}

function vector(builder: Builder, elementBytes: number, count: number, add: (n: number) => void): number {
  builder.startVector(elementBytes, count, elementBytes);
  for (let n = count - 1; n >= 0; n -= 1) add(n);
  return builder.endVector();
}

const offsets = (builder: Builder, values: readonly number[]): number =>
  vector(builder, 4, values.length, (n) => builder.addOffset(values[n] ?? 0));
const ints = (builder: Builder, values: readonly number[]): number =>
  vector(builder, 4, values.length, (n) => builder.addInt32(values[n] ?? 0));
const floats = (builder: Builder, values: readonly number[]): number =>
  vector(builder, 4, values.length, (n) => builder.addFloat32(values[n] ?? 0));

/** At a multiple of 16, as the interpreter wants constants. */
function aligned(builder: Builder, bytes: Uint8Array): number {
  builder.startVector(1, bytes.length, 16);
  for (let n = bytes.length - 1; n >= 0; n -= 1) builder.addInt8(bytes[n] ?? 0);
  return builder.endVector();
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
    field.byte(1, typeCodes[type]);
    field.int(2, buffer);
    field.offset(3, text);
    if (quantisation !== false) field.offset(4, quantisation);
    if (open !== undefined) field.offset(7, open);
  });
}

function writeOperator(builder: Builder, { name, inputs, outputs, fields }: OperatorSpec, code: number): number {
  const [, union = 0] = operators[name] ?? [];
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
