import type {
  BinaryStep,
  ConvStep,
  DenseStep,
  MoveStep,
  PadStep,
  PoolStep,
  ReduceStep,
  UnaryOp,
} from '../channels-last/steps.ts';
import { type Activation, activationCodes } from './fused.ts';
import type { Tensors } from './tensors.ts';
import type { Fields } from './tflite-writer.ts';

export const unaryOperators: Readonly<Record<Exclude<UnaryOp, 'erf' | 'softmax' | 'to-float'>, string>> = {
  abs: 'ABS',
  elu: 'ELU',
  exp: 'EXP',
  floor: 'FLOOR',
  'hard-swish': 'HARD_SWISH',
  log: 'LOG',
  'log-softmax': 'LOG_SOFTMAX',
  neg: 'NEG',
  relu: 'RELU',
  relu6: 'RELU6',
  round: 'ROUND',
  sigmoid: 'LOGISTIC',
  sqrt: 'SQRT',
  tanh: 'TANH',
};
const binary: Readonly<Record<BinaryStep['op'], string>> = {
  add: 'ADD',
  div: 'DIV',
  max: 'MAXIMUM',
  min: 'MINIMUM',
  mul: 'MUL',
  sub: 'SUB',
};
const reducers: Readonly<Record<ReduceStep['op'], string>> = {
  mean: 'MEAN',
  'reduce-max': 'REDUCE_MAX',
  'reduce-min': 'REDUCE_MIN',
  'reduce-sum': 'SUM',
};
const paddingCodes = { same: 0, valid: 1 } as const;

/** What may take an activation, or a quantiser, into itself. */
export type FusingStep = ConvStep | DenseStep | PoolStep | BinaryStep | ReduceStep;

/** Whether its operator can have an activation of its own. */
export const takesActivation = (step: FusingStep): boolean =>
  !(step.op === 'max' || step.op === 'min' || step.op in reducers);

/** What TFLite calls it. */
export function operatorOf(step: FusingStep): string {
  switch (step.op) {
    case 'conv':
      return 'CONV_2D';
    case 'depthwise-conv':
      return 'DEPTHWISE_CONV_2D';
    case 'dense':
      return 'FULLY_CONNECTED';
    case 'average-pool':
      return 'AVERAGE_POOL_2D';
    case 'max-pool':
      return 'MAX_POOL_2D';
    case 'mean':
    case 'reduce-sum':
    case 'reduce-max':
    case 'reduce-min':
      return reducers[step.op];
    default:
      return binary[step.op];
  }
}

/** The options of its operator. */
export function fieldsOf(step: FusingStep, activated: Activation): Fields {
  const activation = { byte: activationCodes[activated] };
  switch (step.op) {
    case 'conv':
    case 'depthwise-conv': {
      const [down, across] = step.strides;
      const [dilateY, dilateX] = step.dilations;
      const windows = { 0: { byte: paddingCodes[step.padding] }, 1: { int: across }, 2: { int: down } };
      if (step.op === 'conv') return { ...windows, 3: activation, 4: { int: dilateX }, 5: { int: dilateY } };
      const [, , , each = 1] = step.weights.dims;
      return { ...windows, 3: { int: each }, 4: activation, 5: { int: dilateX }, 6: { int: dilateY } };
    }
    case 'average-pool':
    case 'max-pool':
      return {
        0: { byte: paddingCodes[step.padding] },
        1: { int: step.strides[1] },
        2: { int: step.strides[0] },
        3: { int: step.window[1] },
        4: { int: step.window[0] },
        5: activation,
      };
    case 'mean':
    case 'reduce-sum':
    case 'reduce-max':
    case 'reduce-min':
      return { 0: { byte: 1 } };
    case 'max':
    case 'min':
      return {};
    default:
      return { 0: activation };
  }
}

/** What moves numbers: its operator, the lists that that reads beside the value, its options. */
export function movementOf(
  tensors: Tensors,
  step: MoveStep | PadStep,
): { readonly operator: string; readonly extra: readonly number[]; readonly fields: Fields } {
  const { output } = step;
  switch (step.op) {
    case 'reshape':
      return {
        operator: 'RESHAPE',
        extra: [tensors.ints(`${output}/shape`, step.shape)],
        fields: { 0: { ints: step.shape } },
      };
    case 'transpose':
      return { operator: 'TRANSPOSE', extra: [tensors.ints(`${output}/perm`, step.perm)], fields: {} };
    case 'concat':
      return { operator: 'CONCATENATION', extra: [], fields: { 0: { int: step.axis }, 1: { byte: 0 } } };
    case 'gather':
      return {
        operator: 'GATHER',
        extra: [tensors.ints(`${output}/indices`, step.indices)],
        fields: { 0: { int: step.axis } },
      };
    case 'slice': {
      const sizes = step.shape.map((size, axis) => (axis === 0 ? -1 : size));
      const parts = [tensors.ints(`${output}/begin`, step.begin), tensors.ints(`${output}/size`, sizes)];
      return { operator: 'SLICE', extra: parts, fields: {} };
    }
    case 'pad': {
      const amounts = tensors.ints(`${output}/paddings`, step.amounts.flat(), [step.amounts.length, 2]);
      if (step.value === 0) return { operator: 'PAD', extra: [amounts], fields: {} };
      const value = tensors.floats(`${output}/value`, [], Float32Array.of(step.value));
      return { operator: 'PADV2', extra: [amounts, value], fields: {} };
    }
  }
}
