import { elementCount } from '../../onnx/tensor.ts';
import type { WeightScales } from './steps.ts';

/** A tensor that is known, in ONNX's order of axes. */
export interface Constant {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
  /** Of weights that are bytes: their scales, and the axis that those are of. */
  readonly quantised?: { readonly scales: WeightScales; readonly axis: number };
}

/**
 * A tensor on its way. `shape` is ONNX's, -1 for the batch; what is stored has ONNX's axis `order[n]` at place n, so that a transposition is
 * nothing but another order.
 */
export interface Flow {
  readonly kind: 'flow';
  readonly name: string;
  readonly shape: readonly number[];
  readonly order: readonly number[];
}

export type Value = Flow | Constant;

export const constantOf = (dims: readonly number[], values: ArrayLike<number>): Constant => ({
  kind: 'constant',
  dims,
  values,
});

/** Pictures lie with their channels last, everything else as in ONNX. */
export const usualOrder = (rank: number): readonly number[] =>
  rank === 4 ? [0, 2, 3, 1] : Array.from({ length: rank }, (_, axis) => axis);

/** Places of axes are the same in both. */
export const sameOrder = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

export const inOrder = <T>(list: readonly T[], order: readonly number[]): T[] => order.map((axis) => list[axis] as T);

export const storedShape = ({ shape, order }: Pick<Flow, 'shape' | 'order'>): number[] => inOrder(shape, order);

/** Whether both orders have the same numbers in the same sequence: only axes of size 1 stand elsewhere. */
export function isSameSequence(shape: readonly number[], a: readonly number[], b: readonly number[]): boolean {
  const long = (order: readonly number[]): string => order.filter((axis) => shape[axis] !== 1).join();
  return long(a) === long(b);
}

/** A constant's numbers with its axes in another order. */
export function permuted(
  { dims, values }: Constant,
  perm: readonly number[],
): { dims: number[]; values: Float32Array } {
  const moved = inOrder(dims, perm);
  const steps = dims.map((_, axis) => elementCount(dims.slice(axis + 1)));
  const strides = inOrder(steps, perm);
  const result = new Float32Array(elementCount(dims));
  const place = moved.map(() => 0);
  let from = 0;
  for (let at = 0; at < result.length; at += 1) {
    result[at] = values[from] ?? 0;
    for (let axis = moved.length - 1; axis >= 0; axis -= 1) {
      const next = (place[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      if (next < (moved[axis] ?? 1)) {
        place[axis] = next;
        break;
      }
      from -= (strides[axis] ?? 0) * next;
      place[axis] = 0;
    }
  }
  return { dims: moved, values: result };
}
