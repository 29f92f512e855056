import * as z from 'zod';
import type { Member } from './member.ts';

type Operation = 'add' | 'subtract' | 'multiply' | 'divide';

/** Functions of TensorFlow (Keras 2 writes them as layers of class TFOpLambda) and operations of Keras 3. */
const operations: ReadonlyMap<string, Operation> = new Map([
  ['__operators__.add', 'add'],
  ['math.add', 'add'],
  ['nn.bias_add', 'add'],
  ['Add', 'add'],
  ['math.subtract', 'subtract'],
  ['Subtract', 'subtract'],
  ['math.multiply', 'multiply'],
  ['Multiply', 'multiply'],
  ['math.divide', 'divide'],
  ['math.truediv', 'divide'],
  ['Divide', 'divide'],
  ['TrueDivide', 'divide'],
]);
const functions: ReadonlyMap<string, string> = new Map([
  ['nn.relu', 'relu'],
  ['nn.relu6', 'relu6'],
  ['nn.sigmoid', 'sigmoid'],
  ['math.sigmoid', 'sigmoid'],
  ['nn.silu', 'silu'],
  ['nn.swish', 'silu'],
  ['nn.softmax', 'softmax'],
  ['math.tanh', 'tanh'],
]);
const layerOf = { add: 'Add', subtract: 'Subtract', multiply: 'Multiply' } as const;

/** A call of Keras 2: the first operand with what else the function is given. */
const FlatCall = z.tuple([
  z.string(),
  z.int(),
  z.unknown(),
  z.looseObject({ y: z.unknown().optional(), bias: z.unknown().optional() }),
]);
const constant = '_CONSTANT_VALUE';
const Tensor = z.tuple([z.string(), z.int(), z.int()]);
/** Numbers in lists of one member: `[[[[1, 2, 3]]]]` is `[1, 2, 3]` beside pictures. */
const nested = (value: unknown): unknown =>
  Array.isArray(value) && value.length === 1 && Array.isArray(value[0]) ? nested(value[0]) : value;
const List = z.preprocess(nested, z.array(z.number()).min(1));
/** As Keras 3 writes a tensor that is known. */
const Known = z
  .object({ class_name: z.literal('__tensor__'), config: z.object({ value: z.union([z.number(), List]) }) })
  .transform(({ config }) => config.value);
const Numbers = z.union([z.number(), List, Known]);
const Operand = z.union([Tensor, Numbers]);
type Operand = z.infer<typeof Operand>;

/**
 * An arithmetic operation or a function between layers, such as what `preprocess_input` does, as the layer that does the same; what is
 * none of these stays as it is.
 */
export function operationAsLayer(member: Member, tensorsIn: (call: unknown) => unknown[]): Member {
  const [call, ...others] = member.inbound_nodes ?? [];
  if (call === undefined || others.length > 0) return member;
  const name = member.class_name === 'TFOpLambda' ? String(member.config?.function) : member.class_name;
  const flat = FlatCall.safeParse(call).data;
  const activation = functions.get(name);
  if (activation && flat) return replaced(member, 'Activation', { activation }, [flat.slice(0, 3)]);
  if (name === 'GetItem' || member.class_name === 'SlicingOpLambda') return partOf(member, call, tensorsIn);
  const operation = operations.get(name);
  const operands = operation && (flat ? operandsOfFlat(flat) : operandsOf(call, tensorsIn));
  if (!operation || !operands) return member;
  const [left, right] = operands;
  const [first, second] = [Tensor.safeParse(left).data, Tensor.safeParse(right).data];
  if (first && second)
    return operation === 'divide' ? member : replaced(member, layerOf[operation], {}, [first, second]);
  const scaling = first
    ? byConstant(operation, right as number | number[])
    : constantBy(operation, left as number | number[]);
  const tensor = first ?? second;
  return scaling && tensor ? replaced(member, 'Rescaling', scaling, [tensor]) : member;
}

const Call = z.object({ args: z.tuple([z.unknown(), z.unknown()]) });
const FlatSlice = z.tuple([z.string(), z.int(), z.int(), z.looseObject({ slice_spec: z.unknown() })]);
const Spec = z.object({ start: z.unknown(), stop: z.unknown(), step: z.unknown() });
const SliceOf3 = z.object({ class_name: z.literal('__slice__'), config: Spec }).transform(({ config }) => config);
const Ellipsis = z.object({ class_name: z.literal('__ellipsis__') }).transform(() => '...' as const);
const Key = z.preprocess(
  (key) => (Array.isArray(key) ? key : [key]),
  z.array(z.union([z.int(), Ellipsis, SliceOf3, Spec])),
);

/** `value[key]` of both versions as a layer that has the key; with another key it stays as it is. */
function partOf(member: Member, call: unknown, tensorsIn: (call: unknown) => unknown[]): Member {
  const flat = FlatSlice.safeParse(call).data;
  const [of, written] = Call.safeParse(call).data?.args ?? [];
  const [tensor] = flat ? [flat] : tensorsIn(of);
  const key = Key.safeParse(flat ? flat[3].slice_spec : written).data;
  return key && Array.isArray(tensor) ? replaced(member, 'GetItem', { key }, [tensor.slice(0, 3)]) : member;
}

const replaced = (member: Member, class_name: string, config: object, tensors: readonly unknown[][]): Member => ({
  ...member,
  class_name,
  config: { name: member.config?.name, ...config },
  inbound_nodes: [tensors.map((tensor) => [...tensor, {}])],
});

/** A first operand that is a number stands where the output's place would. */
function operandsOfFlat([layer, node, output, { y, bias }]: z.infer<typeof FlatCall>):
  | readonly [Operand, Operand]
  | undefined {
  const left = Operand.safeParse(layer === constant ? output : [layer, node, output]).data;
  const right = Operand.safeParse(y ?? bias).data;
  return left === undefined || right === undefined ? undefined : [left, right];
}

/** The two arguments of an operation; a layer has its tensors in one list. */
function operandsOf(call: unknown, tensorsIn: (call: unknown) => unknown[]): readonly [Operand, Operand] | undefined {
  const args = z.object({ args: z.tuple([z.unknown(), z.unknown()]) }).safeParse(call).data?.args;
  const operands = args?.map((arg) => {
    const [tensor] = tensorsIn(arg);
    return Operand.safeParse(Array.isArray(tensor) ? tensor.slice(0, 3) : arg).data;
  });
  const [left, right] = operands ?? [];
  return left === undefined || right === undefined ? undefined : [left, right];
}

const changed = (numbers: number | readonly number[], change: (number: number) => number): number | number[] =>
  typeof numbers === 'number' ? change(numbers) : numbers.map(change);

/** `value op constant` as a scale and an offset. */
function byConstant(operation: Operation, constant: number | number[]): object {
  switch (operation) {
    case 'add':
      return { scale: 1, offset: constant };
    case 'subtract':
      return { scale: 1, offset: changed(constant, (number) => -number) };
    case 'multiply':
      return { scale: constant };
    case 'divide':
      return { scale: changed(constant, (number) => 1 / number) };
  }
}

/** `constant op value`. */
function constantBy(operation: Operation, constant: number | number[]): object | undefined {
  if (operation === 'divide') return undefined;
  return operation === 'subtract' ? { scale: -1, offset: constant } : byConstant(operation, constant);
}
