import { RookeryError } from '@rookery/contracts';
import { type AttrMessage, TfType } from '../../tfgraph/messages.ts';
import {
  type BinaryStep,
  type ConvStep,
  type DenseStep,
  isMove,
  isUnary,
  type Operand,
  type PoolStep,
  type ReduceStep,
  readsOf,
  type Step,
  type UnaryOp,
  type UnaryStep,
} from '../channels-last/steps.ts';
import {
  flagAttr,
  floatAttr,
  type GraphDefBuilder,
  intAttr,
  intsAttr,
  textAttr,
  typeAttr,
} from './graph-def-builder.ts';

const float = typeAttr(TfType.float);
const int32 = typeAttr(TfType.int32);

const unary: Readonly<Record<Exclude<UnaryOp, 'hard-swish' | 'to-float'>, string>> = {
  abs: 'Abs',
  elu: 'Elu',
  erf: 'Erf',
  exp: 'Exp',
  floor: 'Floor',
  log: 'Log',
  'log-softmax': 'LogSoftmax',
  neg: 'Neg',
  relu: 'Relu',
  relu6: 'Relu6',
  round: 'Round',
  sigmoid: 'Sigmoid',
  softmax: 'Softmax',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
};
const binary: Readonly<Record<BinaryStep['op'], string>> = {
  add: 'AddV2',
  div: 'RealDiv',
  max: 'Maximum',
  min: 'Minimum',
  mul: 'Mul',
  sub: 'Sub',
};
const reducers: Readonly<Record<ReduceStep['op'], string>> = {
  mean: 'Mean',
  'reduce-max': 'Max',
  'reduce-min': 'Min',
  'reduce-sum': 'Sum',
};
const nhwc = { data_format: textAttr('NHWC') };

/** Writes steps as nodes of TensorFlow's own operators, each named after the value that it makes. */
export class StepWriter {
  constructor(
    private readonly graph: GraphDefBuilder,
    /** Element types of values. */
    private readonly types: Map<string, number>,
  ) {}

  /** @returns the value's name. */
  write(step: Step): string {
    const [first = ''] = readsOf(step);
    this.types.set(step.output, isMove(step) ? this.#typeOf(first) : TfType.float);
    if (isUnary(step)) return this.#unary(step);
    const { graph } = this;
    const { output } = step;
    const moved = { T: typeAttr(this.#typeOf(first)) };
    switch (step.op) {
      case 'conv':
      case 'depthwise-conv':
        return this.#conv(step);
      case 'dense':
        return this.#dense(step);
      case 'average-pool':
      case 'max-pool':
        return this.#pool(step);
      case 'add':
      case 'sub':
      case 'mul':
      case 'div':
      case 'max':
      case 'min':
        return this.#binary(step);
      case 'mean':
      case 'reduce-sum':
      case 'reduce-max':
      case 'reduce-min':
        return this.#node(reducers[step.op], output, [step.input, graph.ints(output, 'axes', step.axes)], {
          T: float,
          Tidx: int32,
          keep_dims: flagAttr(true),
        });
      case 'reshape': {
        const shape = graph.ints(output, 'shape', step.shape);
        return this.#node('Reshape', output, [step.input, shape], { ...moved, Tshape: int32 });
      }
      case 'transpose':
        return this.#node('Transpose', output, [step.input, graph.ints(output, 'perm', step.perm)], {
          ...moved,
          Tperm: int32,
        });
      case 'pad': {
        const amounts = graph.ints(output, 'paddings', step.amounts.flat(), [step.amounts.length, 2]);
        const value = graph.number(output, 'value', step.value);
        return this.#node('PadV2', output, [step.input, amounts, value], { T: float, Tpaddings: int32 });
      }
      case 'concat':
        return this.#node('ConcatV2', output, [...step.inputs, graph.ints(output, 'axis', [step.axis], [])], {
          ...moved,
          N: intAttr(step.inputs.length),
          Tidx: int32,
        });
      case 'gather':
        return this.#node(
          'GatherV2',
          output,
          [step.input, graph.ints(output, 'indices', step.indices), graph.ints(output, 'axis', [step.axis], [])],
          { Tparams: typeAttr(this.#typeOf(first)), Tindices: int32, Taxis: int32, batch_dims: intAttr(0) },
        );
      case 'slice': {
        const sizes = step.shape.map((size, axis) => (axis === 0 ? -1 : size));
        const parts = [graph.ints(output, 'begin', step.begin), graph.ints(output, 'size', sizes)];
        return this.#node('Slice', output, [step.input, ...parts], { ...moved, Index: int32 });
      }
      case 'leaky-relu':
        return this.#node('LeakyRelu', output, [step.input], { T: float, alpha: floatAttr(step.alpha) });
      case 'local-response':
        return this.#node('LRN', output, [step.input], {
          T: float,
          depth_radius: intAttr(step.radius),
          bias: floatAttr(step.bias),
          alpha: floatAttr(step.alpha),
          beta: floatAttr(step.beta),
        });
      case 'quantise':
      case 'dequantise':
        throw new RookeryError('MODEL_OPERATOR_UNSUPPORTED', {
          detail: `${step.place}: TensorFlow graphs that compute with bytes are not written`,
        });
    }
  }

  #typeOf(name: string): number {
    return this.types.get(name) ?? TfType.float;
  }

  #node(op: string, name: string, inputs: readonly string[], attr: Record<string, AttrMessage>): string {
    return this.graph.node(op, name, inputs, attr);
  }

  #unary({ op, input, output }: UnaryStep): string {
    const { graph } = this;
    if (op === 'to-float')
      return this.#node('Cast', output, [input], {
        SrcT: typeAttr(this.#typeOf(input)),
        DstT: float,
        Truncate: flagAttr(false),
      });
    if (op !== 'hard-swish') return this.#node(unary[op], output, [input], { T: float });
    // `x * relu6(x + 3) / 6`
    const part = (name: string, type: string, ...inputs: string[]): string =>
      graph.node(type, graph.fresh(output, name), inputs, { T: float });
    const shifted = part('shifted', 'AddV2', input, graph.number(output, 'three', 3));
    const product = part('product', 'Mul', input, part('clipped', 'Relu6', shifted));
    return this.#node('Mul', output, [product, graph.number(output, 'sixth', 1 / 6)], { T: float });
  }

  /** With a bias the node itself is called otherwise, and what adds it has the value's name. */
  #withBias(output: string, bias: Float32Array | undefined, write: (name: string) => string): string {
    if (!bias) return write(output);
    const product = this.graph.fresh(output, 'product');
    write(product);
    const added = this.graph.floats(output, 'bias', [bias.length], bias);
    return this.#node('BiasAdd', output, [product, added], { T: float, ...nhwc });
  }

  #conv({ op, input, output, weights, bias, strides, dilations, padding }: ConvStep): string {
    const kernel = this.graph.floats(output, 'weights', weights.dims, weights.values);
    return this.#withBias(output, bias, (name) =>
      this.#node(op === 'conv' ? 'Conv2D' : 'DepthwiseConv2dNative', name, [input, kernel], {
        T: float,
        ...nhwc,
        strides: intsAttr([1, ...strides, 1]),
        dilations: intsAttr([1, ...dilations, 1]),
        padding: textAttr(padding.toUpperCase()),
        explicit_paddings: intsAttr([]),
      }),
    );
  }

  #dense({ input, output, weights, bias }: DenseStep): string {
    const kernel = this.graph.floats(output, 'weights', weights.dims, weights.values);
    return this.#withBias(output, bias, (name) =>
      this.#node('MatMul', name, [input, kernel], {
        T: float,
        transpose_a: flagAttr(false),
        transpose_b: flagAttr(false),
      }),
    );
  }

  #pool({ op, input, output, window, strides, padding }: PoolStep): string {
    return this.#node(op === 'max-pool' ? 'MaxPool' : 'AvgPool', output, [input], {
      T: float,
      ...nhwc,
      ksize: intsAttr([1, ...window, 1]),
      strides: intsAttr([1, ...strides, 1]),
      padding: textAttr(padding.toUpperCase()),
    });
  }

  #binary({ op, inputs, output }: BinaryStep): string {
    const name = (operand: Operand): string =>
      typeof operand === 'string' ? operand : this.graph.floats(output, 'operand', operand.dims, operand.values);
    return this.#node(binary[op], output, inputs.map(name), { T: float });
  }
}
