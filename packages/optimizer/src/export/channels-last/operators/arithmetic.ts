import { elementCount } from '../../../onnx/tensor.ts';
import type { NodeContext, OperatorConverter } from '../conversion.ts';
import type { BinaryStep, Operand } from '../steps.ts';
import { type Constant, constantOf, type Flow, usualOrder } from '../value.ts';

/** Two shapes as one, each axis broadcast where it is 1. */
function together(context: NodeContext, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const at = (shape: readonly number[], axis: number): number => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [at(a, axis), at(b, axis)];
    if (left !== right && left !== 1 && right !== 1) throw context.unsupported(`[${a}] with [${b}]`);
    return left === 1 ? right : left;
  });
}

/** Two flows, stored in one order. */
function aligned(context: NodeContext, a: Flow, b: Flow): readonly [Flow, Flow] {
  if (a.shape.length !== b.shape.length) throw context.unsupported(`[${a.shape}] with [${b.shape}]`);
  const usual = usualOrder(a.shape.length);
  const order = [a, b].some((flow) => flow.order.join() === usual.join()) ? usual : a.order;
  return [context.arranged(a, order), context.arranged(b, order)];
}

/** Of constants that serve shapes: one number with as many as there are. */
function ofConstants(
  context: NodeContext,
  a: Constant,
  b: Constant,
  compute: (a: number, b: number) => number,
): Constant {
  const [long, short] = [a.values.length, b.values.length].toSorted((x, y) => y - x);
  if (short !== 1 && short !== long) throw context.unsupported('constants of different shapes');
  const dims = elementCount(a.dims) >= elementCount(b.dims) ? a.dims : b.dims;
  const pick = ({ values }: Constant, at: number): number => values[values.length === 1 ? 0 : at] ?? 0;
  return constantOf(
    dims,
    Array.from({ length: long ?? 0 }, (_, at) => compute(pick(a, at), pick(b, at))),
  );
}

const binary =
  (op: BinaryStep['op'], compute: (a: number, b: number) => number): OperatorConverter =>
  (context) => {
    const [a, b] = [context.value(0), context.value(1)];
    if (a.kind === 'constant' && b.kind === 'constant') return ofConstants(context, a, b, compute);
    const write = (inputs: readonly [Operand, Operand], order: readonly number[]): Flow =>
      context.step(
        { op, inputs },
        together(context, a.kind === 'flow' ? a.shape : a.dims, b.kind === 'flow' ? b.shape : b.dims),
        order,
      );
    if (a.kind === 'flow' && b.kind === 'flow') {
      const [left, right] = aligned(context, a, b);
      return write([left.name, right.name], left.order);
    }
    if (a.kind === 'flow') return write([a.name, context.beside(b as Constant, a)], a.order);
    return write([context.beside(a as Constant, b as Flow), (b as Flow).name], (b as Flow).order);
  };

/** Of any number of inputs: two at a time. */
const several =
  (op: BinaryStep['op'], compute: (a: number, b: number) => number): OperatorConverter =>
  (context) => {
    if (context.inputs.length === 2) return binary(op, compute)(context);
    return context.inputs
      .map((_, n) => context.flow(n))
      .reduce((sum, flow) => {
        const [left, right] = aligned(context, sum, flow);
        const shape = together(context, left.shape, right.shape);
        return context.step({ op, inputs: [left.name, right.name] }, shape, left.order);
      });
  };

export const arithmetic: Readonly<Record<string, OperatorConverter>> = {
  Add: binary('add', (a, b) => a + b),
  Div: binary('div', (a, b) => a / b),
  Max: several('max', Math.max),
  Min: several('min', Math.min),
  Mul: binary('mul', (a, b) => a * b),
  Sub: binary('sub', (a, b) => a - b),
  Sum: several('add', (a, b) => a + b),
};
