import { DataType } from '../../../onnx/data-types.ts';
import { type NodeContext, type OperatorConverter, scalar } from '../conversion.ts';
import type { ByteScale } from '../steps.ts';
import { type Constant, constantOf, type Value } from '../value.ts';

const isFloat = (type: number): boolean =>
  [DataType.float32, DataType.float16, DataType.float64, DataType.bfloat16].includes(type as 1);

/** Everything is computed in float32. To whole numbers only what is whole. */
const cast: OperatorConverter = (context) => {
  const value = context.value();
  const toFloat = isFloat(context.int('to', DataType.float32));
  if (value.kind === 'constant') return toFloat ? value : constantOf(value.dims, Array.from(value.values, Math.trunc));
  if (!toFloat && !context.isWhole(value)) throw context.unsupported('to whole numbers');
  return toFloat && context.isBytes(value)
    ? context.step({ op: 'to-float', input: value.name }, value.shape, value.order)
    : value;
};

/** The zero point is 0 where there is none; signed bytes are moved up by 128, which changes nothing. */
function bytesOf(context: NodeContext): ByteScale {
  const scales = context.constant(1);
  const zeros = context.inputs[2];
  if (scales.values.length !== 1) throw context.unsupported('a scale for each channel of a value');
  const zero = zeros?.kind === 'constant' ? (zeros.values[0] ?? 0) : 0;
  return { scale: scales.values[0] ?? 1, zeroPoint: zero + (isSigned(context) ? 128 : 0) };
}

const isSigned = (context: NodeContext): boolean => context.typeOf(2) === DataType.int8;

const dequantise: OperatorConverter = (context) => {
  const value = context.value();
  if (value.kind === 'constant') return realNumbers(context, value);
  const { name: input, shape, order } = value;
  const bytes = bytesOf(context);
  if (context.isBytes(value)) return context.step({ op: 'dequantise', input, bytes }, shape, order);
  // Whole numbers that stay real ones.
  const moved = context.step({ op: 'sub', inputs: [input, scalar(bytes.zeroPoint)] }, shape, order, 'moved');
  return context.step({ op: 'mul', inputs: [moved.name, scalar(bytes.scale)] }, shape, order);
};

const quantise: OperatorConverter = (context) => {
  const value = context.flow();
  if (context.inputs[2] && ![DataType.uint8, DataType.int8].includes(context.typeOf(2) as 2))
    throw context.unsupported('other bytes than 8-bit ones');
  return context.step({ op: 'quantise', input: value.name, bytes: bytesOf(context) }, value.shape, value.order);
};

/** The real numbers of weights that are kept as bytes. */
function realNumbers(context: NodeContext, codes: Constant): Value {
  const scales = context.constant(1).values;
  const zeros = context.inputs[2] ? context.constant(2).values : [];
  const axis = scales.length === 1 ? 0 : context.axis(context.int('axis', 1), codes.dims.length);
  const inner = codes.dims.slice(axis + 1).reduce((product, size) => product * size, 1);
  const values = new Float32Array(codes.values.length);
  for (let at = 0; at < values.length; at += 1) {
    const channel = scales.length === 1 ? 0 : Math.floor(at / inner) % scales.length;
    values[at] = ((codes.values[at] ?? 0) - (zeros[channel] ?? 0)) * (scales[channel] ?? 1);
  }
  const type = context.typeOf(0);
  const isBytes = type === DataType.int8 || type === DataType.uint8;
  return { ...constantOf(codes.dims, values), ...(isBytes && { quantised: { scales: Array.from(scales), axis } }) };
}

const passOn: OperatorConverter = (context) => context.value();

export const quantisers: Readonly<Record<string, OperatorConverter>> = {
  Cast: cast,
  DequantizeLinear: dequantise,
  Dropout: passOn,
  Identity: passOn,
  QuantizeLinear: quantise,
};
