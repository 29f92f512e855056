import { RookeryError } from '@rookery/contracts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { Constants } from './constants.ts';
import { Conversion, type Form } from './conversion.ts';
import { OperatorContext } from './operator-context.ts';
import { operatorConverters } from './operators/index.ts';
import { computedIntegers } from './shape-arithmetic.ts';
import type { TfliteModel, TfliteOperator } from './tflite-model.ts';

const opset = 13;
const fallbackSize = 224;
const maxSize = 8192;
const invalid = (detail: string): RookeryError => new RookeryError('MODEL_INVALID', { detail });

/**
 * Writes a TFLite model as ONNX, input float32 `[batch, height, width, 3]` of the real numbers that its own input stands for, the inside
 * NCHW as the engine wants it. Where nothing else is said an open height or width is 224.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED with the operator, its place and the tensor that it makes; MODEL_INVALID.
 */
export function tfliteToOnnx(
  model: TfliteModel,
  form: Form,
  size: { readonly width?: number | undefined; readonly height?: number | undefined } = {},
): ModelMessage {
  const input = model.tensors[model.inputs[0] ?? -1];
  if (!input || model.inputs.length !== 1) throw invalid(`it has ${model.inputs.length} inputs; a classifier has one`);
  const { signature, shape, name } = input;
  if (shape.length !== 4)
    throw invalid(`input ${JSON.stringify(name)} is [${shape}]; a batch of pictures has 4 dimensions`);
  const open = (axis: number, asked: number | undefined): number =>
    signature[axis] === -1 ? (asked ?? fallbackSize) : (shape[axis] ?? 0);
  const [batch, height, width] = [shape[0] || 1, open(1, size.height), open(2, size.width)];
  const [, , , channels = 0] = shape;
  if ([height, width].some((pixels) => !(pixels >= 1 && pixels <= maxSize)))
    throw invalid(`input ${JSON.stringify(name)} is [${shape}]; up to ${maxSize} pixels can be served`);

  const graph = new GraphBuilder('tflite', opset);
  const fileBytes = model.tensors.reduce((sum, { bytes }) => sum + (bytes?.byteLength ?? 0), 0);
  const conversion = new Conversion(model, graph, new Constants(fileBytes), form, batch);
  const pixels = graph.input('pixels', 'float32', ['batch', height, width, channels]);
  const inside = graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] });
  const context = new OperatorContext(conversion, {
    index: -1,
    name: 'INPUT',
    inputs: [],
    outputs: [input.index],
    options: undefined,
  });
  conversion.define(
    input.index,
    { name: inside, shape: [batch, height, width, channels] },
    'the input',
    context.outputBytes(),
  );
  for (const operator of model.operators) convert(conversion, operator);
  for (const index of model.outputs) {
    const value = conversion.values.get(index);
    if (!value) throw invalid(`output ${JSON.stringify(model.tensors[index]?.name ?? '')} is made by nothing`);
    graph.output(conversion.inFileOrder(value), 'float32', ['batch', ...value.shape.slice(1)]);
  }
  return { ...graph.model(), producerName: 'tensorflow lite' };
}

function convert(conversion: Conversion, operator: TfliteOperator): void {
  const context = new OperatorContext(conversion, operator);
  const [first = -1] = operator.outputs;
  const constant = operator.name === 'DEQUANTIZE' ? context.input(0) : undefined;
  if (constant?.bytes) {
    conversion.sameAs.set(first, constant);
    return;
  }
  const integers = computedIntegers(context);
  if (integers) {
    conversion.integers.set(first, integers);
    return;
  }
  const write = operatorConverters.get(operator.name);
  if (!write) throw context.unsupported();
  const result = write(context);
  const values = 'name' in result ? [result] : result;
  if (values.length !== operator.outputs.length)
    throw context.invalid(`it has ${operator.outputs.length} outputs where ${values.length} are made`);
  for (const [n, value] of values.entries())
    conversion.define(operator.outputs[n] ?? -1, value, context.place, context.outputBytes(n));
}
