import { elementCount } from '../onnx/tensor.ts';
import type { OperatorContext } from './operator-context.ts';
import { stridedRanges } from './operators/parts.ts';

/**
 * What an operator gives that computes with shapes, as Keras' `Reshape` and `Flatten` are written: with numbers that are known here.
 * `undefined` where it is another one.
 */
export function computedIntegers(context: OperatorContext): readonly number[] | undefined {
  const { operator, output } = context;
  if (output.type !== 'int32' && output.type !== 'int64') return undefined;
  if (operator.name === 'SHAPE') return context.value().shape;
  const inputs = operator.inputs.map((_, n) => context.integers(n));
  const [first] = inputs;
  if (!first) return undefined;
  switch (operator.name) {
    case 'CAST':
      return first;
    case 'PACK':
    case 'CONCATENATION':
      return inputs.every((values) => values !== undefined) ? inputs.flat() : undefined;
    case 'STRIDED_SLICE': {
      const [{ start, end, step } = { start: 0, end: 0, step: 1 }] = stridedRanges(context, [first.length]).ranges;
      return first.filter((_, at) => at >= start && at < end && (at - start) % step === 0);
    }
    case 'GATHER': {
      const places = inputs[1];
      return context.output.shape.length <= 1 ? places?.map((at) => first[at] ?? Number.NaN) : undefined;
    }
    case 'REDUCE_PROD':
      return [elementCount(first)];
    default:
      return undefined;
  }
}
