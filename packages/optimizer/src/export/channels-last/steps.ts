/**
 * A graph in the terms that TensorFlow's formats share: pictures with the channels last, weights beside the operator that uses them. Each
 * format is written from these steps, which run in their order.
 *
 * Shapes begin with the batch, which is -1: any number of pictures.
 */
export interface ChannelsLastGraph {
  readonly input: { readonly name: string; readonly type: 'uint8' | 'float32'; readonly shape: readonly number[] };
  readonly output: { readonly name: string; readonly shape: readonly number[] };
  readonly steps: readonly Step[];
}

/** Numbers that are known. */
export interface Numbers {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** A value by its name, or numbers. */
export type Operand = string | Numbers;

/** `(q - zeroPoint) * scale`, q from 0 to 255. */
export interface ByteScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Scales of weights that are bytes around 0: one, or one an output channel. */
export type WeightScales = readonly number[];

type Pair = readonly [number, number];
type Padding = 'same' | 'valid';

/** What all steps have: the value that they make, and the node that it stands for, for errors. */
interface Made {
  readonly output: string;
  readonly shape: readonly number[];
  readonly place: string;
}

/** Weights `[height, width, in, out]`, or `[height, width, in, outputs of each]` where channels stay apart. Rows first everywhere. */
export interface ConvStep extends Made {
  readonly op: 'conv' | 'depthwise-conv';
  readonly input: string;
  readonly weights: Numbers;
  readonly scales?: WeightScales | undefined;
  readonly bias?: Float32Array | undefined;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/** Weights `[in, out]`. */
export interface DenseStep extends Made {
  readonly op: 'dense';
  readonly input: string;
  readonly weights: Numbers;
  readonly scales?: WeightScales | undefined;
  readonly bias?: Float32Array | undefined;
}

/** What is padded counts for neither. */
export interface PoolStep extends Made {
  readonly op: 'average-pool' | 'max-pool';
  readonly input: string;
  readonly window: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}

export interface BinaryStep extends Made {
  readonly op: 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min';
  readonly inputs: readonly [Operand, Operand];
}

const unary = [
  'abs',
  'elu',
  // TensorFlow Lite has none.
  'erf',
  'exp',
  'floor',
  'hard-swish',
  'log',
  'neg',
  'relu',
  'relu6',
  'round',
  'sigmoid',
  'sqrt',
  'tanh',
  // Over the last axis.
  'softmax',
  'log-softmax',
  // From whole numbers.
  'to-float',
] as const;
export type UnaryOp = (typeof unary)[number];

export interface UnaryStep extends Made {
  readonly op: UnaryOp;
  readonly input: string;
}
export const isUnary = (step: Step): step is UnaryStep => (unary as readonly string[]).includes(step.op);

/** Axes stay, with the size 1. */
export interface ReduceStep extends Made {
  readonly op: 'mean' | 'reduce-sum' | 'reduce-max' | 'reduce-min';
  readonly input: string;
  readonly axes: readonly number[];
}

interface ShapeStep extends Made {
  readonly op: 'reshape';
  readonly input: string;
}

interface TransposeStep extends Made {
  readonly op: 'transpose';
  readonly input: string;
  readonly perm: readonly number[];
}

/** With this number, so much before and after each axis. */
export interface PadStep extends Made {
  readonly op: 'pad';
  readonly input: string;
  readonly amounts: readonly Pair[];
  readonly value: number;
}

interface ConcatStep extends Made {
  readonly op: 'concat';
  readonly inputs: readonly string[];
  readonly axis: number;
}

interface GatherStep extends Made {
  readonly op: 'gather';
  readonly input: string;
  readonly axis: number;
  readonly indices: readonly number[];
}

/** A part of each axis; the batch stays whole. */
interface SliceStep extends Made {
  readonly op: 'slice';
  readonly input: string;
  readonly begin: readonly number[];
}

interface LeakyReluStep extends Made {
  readonly op: 'leaky-relu';
  readonly input: string;
  readonly alpha: number;
}

/** Alpha of each of `2 * radius + 1` channels. */
interface LocalResponseStep extends Made {
  readonly op: 'local-response';
  readonly input: string;
  readonly radius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** To bytes and back. What is dequantised may also be bytes of a picture. */
export interface QuantiseStep extends Made {
  readonly op: 'quantise' | 'dequantise';
  readonly input: string;
  readonly bytes: ByteScale;
}

export type Step =
  | ConvStep
  | DenseStep
  | PoolStep
  | BinaryStep
  | UnaryStep
  | ReduceStep
  | ShapeStep
  | TransposeStep
  | PadStep
  | ConcatStep
  | GatherStep
  | SliceStep
  | LeakyReluStep
  | LocalResponseStep
  | QuantiseStep;

/** What only moves numbers, so that it does the same with bytes. */
export type MoveStep = ShapeStep | TransposeStep | ConcatStep | GatherStep | SliceStep;
export const isMove = (step: Step): step is MoveStep =>
  ['reshape', 'transpose', 'concat', 'gather', 'slice'].includes(step.op);

/** The values that a step reads. */
export function readsOf(step: Step): readonly string[] {
  if ('input' in step) return [step.input];
  const inputs: readonly Operand[] = step.inputs;
  return inputs.filter((each) => typeof each === 'string');
}
