import { RookeryError } from '@rookery/contracts';
import { DataType } from '../../onnx/data-types.ts';
import { toNumber } from '../../onnx/int64.ts';
import type { ModelMessage, NodeMessage, ValueInfoMessage } from '../../onnx/messages.ts';
import { tensorDims, tensorNumbers } from '../../onnx/tensor.ts';
import { constantsToInitializers } from '../../passes/constants-to-initializers.ts';
import { NodeContext, StepList } from './conversion.ts';
import { operatorConverters } from './operators/index.ts';
import { type ChannelsLastGraph, readsOf, type Step } from './steps.ts';
import { constantOf, type Flow, storedShape, type Value } from './value.ts';

const invalid = (detail: string): RookeryError => new RookeryError('MODEL_INVALID', { detail });

/**
 * A serving graph with its pictures' channels last: input `[batch, height, width, 3]`, output `[batch, classes]`. Weights are moved, no
 * value is, except where the graph itself reads pictures in another order. Changes `model`.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED with the node and its operator; MODEL_INVALID.
 */
export function toChannelsLast(model: ModelMessage): ChannelsLastGraph {
  constantsToInitializers(model);
  const { graph } = model;
  const [input, output] = [graph.input[0], graph.output[0]];
  if (!input || !output) throw invalid('a serving graph has an input and an output');
  const opset = model.opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx');
  const list = new StepList();
  const start = inputOf(input, list);
  const types = new Map(graph.initializer.map(({ name, dataType }) => [name, dataType]));
  const values = new Map<string, Value>([[input.name, start.flow]]);
  for (const tensor of graph.initializer.filter(({ dataType }) => dataType !== DataType.string))
    values.set(tensor.name, constantOf(tensorDims(tensor), tensorNumbers(tensor)));
  for (const node of graph.node) convert(node, toNumber(opset?.version ?? 13), values, types, list);
  const result = values.get(output.name);
  if (result?.kind !== 'flow' || !list.steps.some((step) => step.output === result.name))
    throw invalid('its output does not depend on the picture');
  if (result.shape.length !== 2) throw invalid(`its output is [${result.shape}], not a row of scores a picture`);
  const outputName = result.name === output.name ? output.name : list.fresh(output.name);
  const steps = needed(withoutDetours(list.steps), result.name).map((step) => renamed(step, result.name, outputName));
  return { input: start.input, output: { name: outputName, shape: storedShape(result) }, steps };
}

/** A reshaping of what was only reshaped goes straight there. */
function withoutDetours(steps: readonly Step[]): Step[] {
  const reshaped = new Map<string, string>();
  return steps.map((step) => {
    if (step.op !== 'reshape') return step;
    const input = reshaped.get(step.input) ?? step.input;
    reshaped.set(step.output, input);
    return { ...step, input };
  });
}

/** The steps that the output depends on. */
function needed(steps: readonly Step[], output: string): Step[] {
  const wanted = new Set([output]);
  return steps
    .toReversed()
    .filter((step) => {
      if (!wanted.has(step.output)) return false;
      for (const name of readsOf(step)) wanted.add(name);
      return true;
    })
    .reverse();
}

function renamed(step: Step, from: string, to: string): Step {
  const name = <T>(each: T): T | string => (each === from ? to : each);
  const reads = 'input' in step ? { input: name(step.input) } : { inputs: step.inputs.map(name) };
  return { ...step, ...reads, output: name(step.output) } as Step;
}

function inputOf({ name, type }: ValueInfoMessage, list: StepList): { input: ChannelsLastGraph['input']; flow: Flow } {
  const sizes = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => toNumber(dimValue ?? -1));
  const [, height = 0, width = 0, channels = 0] = sizes;
  const isBytes = type?.tensorType?.elemType === DataType.uint8;
  if (sizes.length !== 4 || height < 1 || width < 1) throw invalid(`its input ${name} is [${sizes}]`);
  const shape = [-1, height, width, channels];
  const value = list.fresh(name);
  if (isBytes) list.bytes.add(value);
  return {
    input: { name: value, type: isBytes ? 'uint8' : 'float32', shape },
    flow: { kind: 'flow', name: value, shape, order: [0, 1, 2, 3] },
  };
}

function convert(
  node: NodeMessage,
  opset: number,
  values: Map<string, Value>,
  types: Map<string, number>,
  list: StepList,
): void {
  const inputs = node.input.map((name) => (name === '' ? undefined : values.get(name)));
  const context = new NodeContext(node, opset, inputs, list, (n) => types.get(node.input[n] ?? ''));
  const converter = node.domain && node.domain !== 'ai.onnx' ? undefined : operatorConverters.get(node.opType);
  if (!converter) throw context.unsupported();
  const result = converter(context);
  const made = Array.isArray(result) ? result : [result as Value];
  for (const [n, name] of node.output.entries()) {
    const value = made[n];
    if (value) values.set(name, value);
  }
}
