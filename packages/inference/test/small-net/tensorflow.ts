import type { GraphAdapter } from '@rookery/contracts';
import { classes, convolutions, dense, mean, scale, side, std, widths } from './small-net.ts';

/** What an engine does before the forms that do not normalise by themselves. */
export const adapt: GraphAdapter = {
  layout: 'nhwc',
  channels: 'bgr',
  scale,
  mean: [mean, mean, mean],
  std: [std, std, std],
  activation: 'none',
};

export const float32Bytes = (values: readonly number[]): Uint8Array => new Uint8Array(new Float32Array(values).buffer);

/** A value of a node's attribute, as GraphDef knows them. */
export type Attribute =
  | { readonly type: 'DT_FLOAT' | 'DT_INT32' | 'DT_UINT8' }
  | { readonly shape: readonly number[] }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly tensor: Constant };

export interface Constant {
  readonly type: 'DT_FLOAT' | 'DT_INT32';
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export interface TensorflowNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

const float = { type: 'DT_FLOAT' } as const;
const constant = (name: string, tensor: Constant): TensorflowNode => ({
  name,
  op: 'Const',
  input: [],
  attr: { dtype: { type: tensor.type }, value: { tensor } },
});
const floats = (name: string, shape: readonly number[], values: readonly number[]): TensorflowNode =>
  constant(name, { type: 'DT_FLOAT', shape, values });

/** From the values `normal`, BGR, to `scores`. */
export const network: readonly TensorflowNode[] = [
  ...convolutions.flatMap(({ name, from, to, kernel, bias }, place): TensorflowNode[] => {
    const before = place === 0 ? 'normal' : `${convolutions[0].name}/positive`;
    return [
      floats(`${name}/kernel`, [3, 3, from, to], kernel),
      floats(`${name}/bias`, [to], bias),
      {
        name,
        op: 'Conv2D',
        input: [before, `${name}/kernel`],
        attr: {
          T: float,
          strides: { ints: [1, 1, 1, 1] },
          dilations: { ints: [1, 1, 1, 1] },
          padding: { text: 'VALID' },
          data_format: { text: 'NHWC' },
        },
      },
      { name: `${name}/added`, op: 'BiasAdd', input: [name, `${name}/bias`], attr: { T: float } },
      { name: `${name}/positive`, op: 'Relu', input: [`${name}/added`], attr: { T: float } },
    ];
  }),
  constant('axes', { type: 'DT_INT32', shape: [2], values: [1, 2] }),
  { name: 'means', op: 'Mean', input: ['second/positive', 'axes'], attr: { T: float, Tidx: { type: 'DT_INT32' } } },
  floats('dense/kernel', [widths[2], classes], dense.kernel),
  floats('dense/bias', [classes], dense.bias),
  { name: 'product', op: 'MatMul', input: ['means', 'dense/kernel'], attr: { T: float } },
  { name: 'logits', op: 'BiasAdd', input: ['product', 'dense/bias'], attr: { T: float } },
  { name: 'scores', op: 'Softmax', input: ['logits'], attr: { T: float } },
];

/** The pictures that are given. */
export const placeholder = (name: string, type: 'DT_FLOAT' | 'DT_UINT8'): TensorflowNode => ({
  name,
  op: 'Placeholder',
  input: [],
  attr: { dtype: { type }, shape: { shape: [-1, side, side, 3] } },
});

/** Whole RGB values from `images` to `normal`. */
export const normalisation: readonly TensorflowNode[] = [
  constant('last', { type: 'DT_INT32', shape: [1], values: [3] }),
  {
    name: 'bgr',
    op: 'ReverseV2',
    input: ['images', 'last'],
    attr: { T: { type: 'DT_UINT8' }, Tidx: { type: 'DT_INT32' } },
  },
  { name: 'values', op: 'Cast', input: ['bgr'], attr: { SrcT: { type: 'DT_UINT8' }, DstT: float } },
  floats('factor', [], [scale / std]),
  floats('shift', [], [mean / std]),
  { name: 'scaled', op: 'Mul', input: ['values', 'factor'], attr: { T: float } },
  { name: 'normal', op: 'Sub', input: ['scaled', 'shift'], attr: { T: float } },
];
