import { TfType } from '../../tfgraph/messages.ts';
import type { ChannelsLastGraph } from '../channels-last/steps.ts';
import { GraphDefBuilder, shapeOf, typeAttr } from './graph-def-builder.ts';
import { StepWriter } from './step-writer.ts';

/**
 * Writes a graph with TensorFlow's own operators. `byteType` is what pictures come as where the graph takes bytes: TensorFlow.js has none.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED for steps with bytes.
 */
export function writeGraphDef({ input, steps }: ChannelsLastGraph, byteType: number): GraphDefBuilder {
  const graph = new GraphDefBuilder([input.name, ...steps.map(({ output }) => output)]);
  const type = inputType(input.type, byteType);
  graph.node('Placeholder', input.name, [], { dtype: typeAttr(type), shape: { shape: shapeOf(input.shape) } });
  const writer = new StepWriter(graph, new Map([[input.name, type]]));
  for (const step of steps) writer.write(step);
  return graph;
}

const inputType = (type: 'uint8' | 'float32', byteType: number): number => (type === 'uint8' ? byteType : TfType.float);

/** What goes in and comes out, as signatures say it. */
export function signatureOf({ input, output }: ChannelsLastGraph, byteType: number) {
  const info = (name: string, dtype: number, shape: readonly number[]) => ({
    name: `${name}:0`,
    dtype,
    tensorShape: shapeOf(shape),
  });
  return {
    inputs: { [input.name]: info(input.name, inputType(input.type, byteType), input.shape) },
    outputs: { [output.name]: info(output.name, TfType.float, output.shape) },
    methodName: 'tensorflow/serving/predict',
  };
}
