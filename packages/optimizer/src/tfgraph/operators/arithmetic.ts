import { elementCount } from '../../onnx/tensor.ts';
import { type Constant, constantOf } from '../constant.ts';
import { flowOf, type NodeContext, type OperatorConverter, type Value } from '../conversion.ts';

/** Two shapes as one, each axis broadcast where it is 1; an open batch stays open. */
function together(context: NodeContext, left: readonly number[], right: readonly number[]): number[] {
  const rank = Math.max(left.length, right.length);
  const at = (shape: readonly number[], axis: number) => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const [a, b] = [at(left, axis), at(right, axis)];
    if (a !== b && a !== 1 && b !== 1) throw context.invalid(`[${left}] and [${right}]`);
    return a === 1 ? b : a;
  });
}

function ofConstants(
  context: NodeContext,
  a: Constant,
  b: Constant,
  compute: (a: number, b: number) => number,
): Constant {
  const dims = together(context, a.dims, b.dims);
  const count = elementCount(dims);
  const place = ({ dims: own }: Constant, at: number): number => {
    let [rest, step, index] = [at, 1, 0];
    for (let axis = dims.length - 1; axis >= 0; axis -= 1) {
      const size = own[axis - dims.length + own.length] ?? 1;
      const size_ = dims[axis] ?? 1;
      if (size > 1) index += (rest % size_) * step;
      step *= size;
      rest = Math.floor(rest / size_);
    }
    return index;
  };
  const values = Float64Array.from({ length: count }, (_, at) =>
    compute(a.values[place(a, at)] ?? 0, b.values[place(b, at)] ?? 0),
  );
  const isFloat = a.values instanceof Float32Array || b.values instanceof Float32Array;
  return constantOf(dims, isFloat ? Float32Array.from(values) : values);
}

const binary =
  (op: string, compute: (a: number, b: number) => number): OperatorConverter =>
  (context) => {
    const [a, b] = [context.value(0), context.value(1)];
    if (a.kind === 'constant' && b.kind === 'constant') return ofConstants(context, a, b, compute);
    const rank = a.kind === 'flow' ? a.shape.length : b.kind === 'flow' ? b.shape.length : 0;
    const [left, right] = [context.operand(0, rank), context.operand(1, rank)];
    return flowOf(context.graph.node(op, [left.name, right.name]), together(context, left.shape, right.shape));
  };

const squaredDifference: OperatorConverter = (context) => {
  const difference = binary('Sub', (a, b) => (a - b) ** 2)(context) as Value;
  if (difference.kind === 'constant') return difference;
  return flowOf(context.graph.node('Mul', [difference.name, difference.name]), difference.shape);
};

const addN: OperatorConverter = (context) => {
  const first = context.flow();
  const names = context.inputs.map((_, n) => context.flow(n).name);
  return flowOf(context.graph.node('Sum', names), first.shape);
};

const add = binary('Add', (a, b) => a + b);
const divide = binary('Div', (a, b) => a / b);

export const arithmetic: Readonly<Record<string, OperatorConverter>> = {
  Add: add,
  AddN: addN,
  AddV2: add,
  BiasAdd: add,
  BiasAddV1: add,
  Div: divide,
  Maximum: binary('Max', Math.max),
  Minimum: binary('Min', Math.min),
  Mul: binary('Mul', (a, b) => a * b),
  Pow: binary('Pow', (a, b) => a ** b),
  RealDiv: divide,
  SquaredDifference: squaredDifference,
  Sub: binary('Sub', (a, b) => a - b),
};
