import { RookeryError } from '@rookery/contracts';
import { floatOf, intOf, intsOf, textOf } from '../../onnx/attributes.ts';
import type { NodeMessage } from '../../onnx/messages.ts';
import { isMove, type Numbers, readsOf, type Step } from './steps.ts';
import {
  type Constant,
  type Flow,
  inOrder,
  isSameSequence,
  permuted,
  sameOrder,
  storedShape,
  usualOrder,
  type Value,
} from './value.ts';

/** A step without what its conversion adds. */
type Draft = Step extends infer S ? (S extends Step ? Omit<S, 'output' | 'place' | 'shape'> : never) : never;

/** The steps so far, and names for their values. */
export class StepList {
  readonly steps: Step[] = [];
  /** Values that are bytes: the pictures', and what was quantised. */
  readonly bytes = new Set<string>();
  /** Values whose numbers are whole, so that casts change nothing. */
  readonly whole = new Set<string>();
  readonly #taken = new Set<string>();

  /** A name that all formats allow and that no other value has. */
  fresh(base: string): string {
    const allowed = base.replaceAll(/[^A-Za-z0-9_./-]/g, '_').replace(/^(?![A-Za-z0-9.])/, 'n');
    let name = allowed;
    for (let n = 1; this.#taken.has(name); n += 1) name = `${allowed}_${n}`;
    this.#taken.add(name);
    return name;
  }

  /** @throws what `refuse` makes where an operator would compute with bytes. */
  add(step: Step, refuse: () => RookeryError): void {
    const reads = readsOf(step);
    const moves = isMove(step);
    const readsBytes = reads.some((name) => this.bytes.has(name));
    if (readsBytes && !moves && step.op !== 'to-float' && step.op !== 'dequantise') throw refuse();
    if (step.op === 'quantise' || (moves && readsBytes)) this.bytes.add(step.output);
    const isWhole = moves && reads.every((name) => this.whole.has(name));
    if (isWhole || ['to-float', 'floor', 'round'].includes(step.op)) this.whole.add(step.output);
    this.steps.push(step);
  }
}

/** What an operator's converter works with: the node, its inputs, the steps that are written. */
export class NodeContext {
  constructor(
    readonly node: NodeMessage,
    readonly opset: number,
    readonly inputs: readonly (Value | undefined)[],
    private readonly list: StepList,
    /** ONNX's element type of an input that is a constant. */
    readonly typeOf: (input: number) => number | undefined,
  ) {}

  isBytes({ name }: Flow): boolean {
    return this.list.bytes.has(name);
  }

  isWhole({ name }: Flow): boolean {
    return this.list.whole.has(name) || this.list.bytes.has(name);
  }

  /** For people: which node it is. */
  get place(): string {
    return `node ${JSON.stringify(this.node.name || (this.node.output[0] ?? ''))} (${this.node.opType})`;
  }

  unsupported(what = ''): RookeryError {
    return new RookeryError('MODEL_OPERATOR_UNSUPPORTED', { detail: `${this.place}${what && `: ${what}`}` });
  }

  int(name: string, fallback: number): number {
    return intOf(this.node, name, fallback);
  }
  float(name: string, fallback: number): number {
    return floatOf(this.node, name, fallback);
  }
  ints(name: string): number[] | undefined {
    const found = intsOf(this.node, name);
    return found && found.length > 0 ? found : undefined;
  }
  text(name: string): string | undefined {
    return textOf(this.node, name);
  }

  value(n = 0): Value {
    const value = this.inputs[n];
    if (!value) throw this.unsupported(`input ${n} is missing`);
    return value;
  }

  flow(n = 0): Flow {
    const value = this.value(n);
    if (value.kind !== 'flow') throw this.unsupported(`input ${n} is a constant`);
    return value;
  }

  constant(n: number): Constant {
    const value = this.value(n);
    if (value.kind !== 'constant') throw this.unsupported(`input ${n} is not constant`);
    return value;
  }

  /** Whole numbers that newer operator sets have as an input, older ones as an attribute. */
  integers(n: number, attribute: string): number[] | undefined {
    return this.inputs[n] ? Array.from(this.constant(n).values) : this.ints(attribute);
  }

  /** A flow of pictures, the channels last. */
  pictures(n = 0): Flow & { readonly channels: number; readonly size: readonly [height: number, width: number] } {
    const flow = this.flow(n);
    const [, channels = 0, height = 0, width = 0] = flow.shape;
    if (flow.shape.length !== 4) throw this.unsupported(`an input of the shape [${flow.shape}]`);
    return { ...this.arranged(flow, usualOrder(4)), channels, size: [height, width] };
  }

  axis(axis: number, rank: number): number {
    const at = axis < 0 ? axis + rank : axis;
    if (!(Number.isInteger(at) && at >= 0 && at < rank)) throw this.unsupported(`axis ${axis} of ${rank}`);
    return at;
  }

  /** Adds a step; `shape` and `order` are those of its value. */
  step(draft: Draft, shape: readonly number[], order: readonly number[], suffix = ''): Flow {
    const output = this.list.fresh(`${this.node.output[0] ?? this.node.opType}${suffix && `/${suffix}`}`);
    const step = { ...draft, output, shape: inOrder(shape, order), place: this.place } as Step;
    this.list.add(step, () => this.unsupported('of whole numbers'));
    return { kind: 'flow', name: output, shape, order };
  }

  /** The same value with its axes stored in this order. */
  arranged(flow: Flow, order: readonly number[]): Flow {
    if (sameOrder(flow.order, order)) return flow;
    const { name: input, shape } = flow;
    if (isSameSequence(shape, flow.order, order)) return this.#reshaped(flow, shape, order);
    const perm = order.map((axis) => flow.order.indexOf(axis));
    return this.step({ op: 'transpose', input, perm }, shape, order, 'arranged');
  }

  /** The same numbers under another shape. */
  reshaped(flow: Flow, shape: readonly number[]): Flow {
    if (sameOrder(flow.shape, shape)) return flow;
    const plain = flow.shape.map((_, axis) => axis);
    const source = isSameSequence(flow.shape, flow.order, plain) ? flow : this.arranged(flow, plain);
    const wanted = shape.map((_, axis) => axis);
    const usual = usualOrder(shape.length);
    return this.#reshaped(source, shape, isSameSequence(shape, wanted, usual) ? usual : wanted, '');
  }

  #reshaped(flow: Flow, shape: readonly number[], order: readonly number[], suffix = 'arranged'): Flow {
    if (sameOrder(storedShape(flow), inOrder(shape, order))) return { ...flow, shape, order };
    return this.step({ op: 'reshape', input: flow.name }, shape, order, suffix);
  }

  /** A constant beside a flow: as many axes, in the flow's order. */
  beside(constant: Constant, { shape, order }: Flow): Numbers {
    if (constant.dims.length > shape.length) throw this.unsupported(`a constant of the shape [${constant.dims}]`);
    const dims = [...Array<number>(shape.length - constant.dims.length).fill(1), ...constant.dims];
    if (constant.values.length === 1) return scalar(constant.values[0] ?? 0);
    return permuted({ ...constant, dims }, order);
  }

  /** One number for each place of an axis of a flow. */
  along(values: ArrayLike<number>, axis: number, { shape, order }: Flow): Numbers {
    const dims = shape.map((_, at) => (at === axis ? values.length : 1));
    return { dims: inOrder(dims, order), values: Float32Array.from(values) };
  }
}

export const scalar = (value: number): Numbers => ({ dims: [], values: Float32Array.of(value) });

/** Writes one operator; gives its outputs. */
export type OperatorConverter = (context: NodeContext) => Value | readonly Value[];
