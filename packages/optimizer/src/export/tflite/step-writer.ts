import { RookeryError } from '@rookery/contracts';
import {
  type ByteScale,
  isMove,
  isUnary,
  type MoveStep,
  type PadStep,
  type QuantiseStep,
  readsOf,
  type Step,
  type UnaryStep,
} from '../channels-last/steps.ts';
import { fusedWith, type SoleReader } from './fused.ts';
import {
  type FusingStep,
  fieldsOf,
  movementOf,
  operatorOf,
  takesActivation,
  unaryOperators,
} from './step-operators.ts';
import type { Bytes, Tensors } from './tensors.ts';
import type { Fields } from './tflite-writer.ts';
import { byteWeights, realWeights } from './weights.ts';

/** Writes steps as operators. What computes with bytes at both ends does so in integers, everything else in real numbers. */
export class StepWriter {
  /** Steps that became part of another, by what they make. */
  readonly #done = new Set<string>();

  constructor(
    private readonly tensors: Tensors,
    private readonly soleReader: SoleReader,
  ) {}

  write(step: Step): void {
    if (this.#done.has(step.output)) return;
    const { tensors } = this;
    if (isMove(step) || step.op === 'pad') this.#move(step);
    else if (isUnary(step)) this.#unary(step);
    else if (step.op === 'dequantise') this.#dequantise(step);
    else if (step.op === 'quantise') this.#quantise(step);
    else if (step.op === 'leaky-relu')
      this.#real(step, 'LEAKY_RELU', [tensors.real(step.input)], { 0: { float: step.alpha } });
    else if (step.op === 'local-response')
      this.#real(step, 'LOCAL_RESPONSE_NORMALIZATION', [tensors.real(step.input)], {
        0: { int: step.radius },
        1: { float: step.bias },
        2: { float: step.alpha },
        3: { float: step.beta },
      });
    else this.#fusing(step as FusingStep);
  }

  #real({ output, shape }: Step, operator: string, inputs: readonly number[], fields: Fields = {}): void {
    const { tensors } = this;
    tensors.defineReal(output, tensors.file.operator(operator, inputs, tensors.spec(output, shape), fields));
  }

  #unary(step: UnaryStep): void {
    const { tensors } = this;
    if (step.op === 'softmax') this.#real(step, 'SOFTMAX', [tensors.real(step.input)], { 0: { float: 1 } });
    else if (step.op === 'to-float')
      this.#real(step, 'DEQUANTIZE', [tensors.bytes(step.input)?.tensor ?? tensors.real(step.input)]);
    else if (step.op === 'erf')
      throw new RookeryError('MODEL_OPERATOR_UNSUPPORTED', {
        detail: `${step.place}: TensorFlow Lite has no such operator`,
      });
    else this.#real(step, unaryOperators[step.op], [tensors.real(step.input)]);
  }

  /** Nothing is computed until real numbers are asked for; bytes of pictures become signed. */
  #dequantise({ input, output, shape, bytes: scale }: QuantiseStep): void {
    const { tensors } = this;
    const own = tensors.bytes(input);
    const isSigned = own?.type === 'int8';
    const bytes = isSigned ? { ...own, scale } : tensors.quantised(input, scale, `${output}/bytes`);
    tensors.defineBytes(output, bytes, shape);
  }

  #quantise({ input, output, shape, bytes: scale }: QuantiseStep): void {
    const { tensors } = this;
    const own = tensors.bytes(input);
    const isThere = own?.type === 'int8' && sameScale(own.scale, scale);
    tensors.defineBytes(output, isThere ? own : tensors.quantised(input, scale, output), shape);
  }

  /** An operator that takes what follows into itself: in integers where all of it is bytes, else in real numbers. */
  #fusing(step: FusingStep): void {
    const { tensors } = this;
    const { activation, quantiser, output } = fusedWith(step, this.soleReader, takesActivation(step));
    const inputs = readsOf(step).flatMap((name) => tensors.bytes(name) ?? []);
    this.#done.add(output);
    if (!quantiser || !isInteger(step, inputs, quantiser.bytes)) {
      this.#real({ ...step, output }, operatorOf(step), this.#realInputs(step), fieldsOf(step, activation));
      return;
    }
    const bytes = { type: 'int8', scale: quantiser.bytes } as const;
    const spec = tensors.spec(quantiser.output, step.shape, bytes);
    const read = this.#byteInputs(step, inputs);
    const tensor = tensors.file.operator(operatorOf(step), read, spec, fieldsOf(step, activation));
    tensors.defineBytes(quantiser.output, { ...bytes, tensor }, step.shape);
    this.#done.add(quantiser.output);
  }

  #realInputs(step: FusingStep): number[] {
    const { tensors } = this;
    if ('inputs' in step)
      return step.inputs.map((operand, n) =>
        typeof operand === 'string' ? tensors.real(operand) : tensors.numbers(`${step.output}/operand_${n}`, operand),
      );
    const input = tensors.real(step.input);
    if ('weights' in step) return [input, ...realWeights(tensors, step)];
    return 'axes' in step ? [input, tensors.ints(`${step.output}/axes`, step.axes)] : [input];
  }

  #byteInputs(step: FusingStep, bytes: readonly Bytes[]): number[] {
    const { tensors } = this;
    const inputs = bytes.map(({ tensor }) => tensor);
    const [first] = bytes;
    if ('weights' in step && first) return [...inputs, ...byteWeights(tensors, step, step.scales ?? [], first)];
    return 'axes' in step ? [...inputs, tensors.ints(`${step.output}/axes`, step.axes)] : inputs;
  }

  /** What moves numbers moves bytes where it has them, and padding with 0 is bytes too. */
  #move(step: MoveStep | PadStep): void {
    const { tensors } = this;
    const reads = readsOf(step);
    const [first, ...others] = reads.map((name) => tensors.bytes(name));
    const isAlike = others.every((bytes) => bytes?.type === first?.type && sameScale(bytes?.scale, first?.scale));
    const { operator, extra, fields } = movementOf(tensors, step);
    if (!first || !isAlike || (step.op === 'pad' && step.value !== 0)) {
      this.#real(step, operator, [...reads.map((name) => tensors.real(name)), ...extra], fields);
      return;
    }
    const inputs = reads.map((name) => tensors.bytes(name)?.tensor ?? -1);
    const spec = tensors.spec(step.output, step.shape, first);
    const tensor = tensors.file.operator(operator, [...inputs, ...extra], spec, fields);
    tensors.defineBytes(step.output, { ...first, tensor }, step.shape);
  }
}

const sameScale = (a: ByteScale | undefined, b: ByteScale | undefined): boolean =>
  a?.scale === b?.scale && a?.zeroPoint === b?.zeroPoint;

/** Which steps have integer kernels, where these bytes go in and those come out. */
function isInteger(step: FusingStep, inputs: readonly Bytes[], output: ByteScale): boolean {
  if (inputs.length !== readsOf(step).length || inputs.some(({ type }) => type !== 'int8')) return false;
  switch (step.op) {
    case 'conv':
    case 'depthwise-conv':
    case 'dense':
      return step.scales !== undefined;
    case 'add':
      return inputs.length === 2;
    case 'mean':
      return true;
    case 'average-pool':
    case 'max-pool':
      return inputs.every(({ scale }) => sameScale(scale, output));
    default:
      return false;
  }
}
