import { RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { checkShape, findWeight, unsupported, type Value } from './layer-context.ts';
import { layerConverters } from './layers/index.ts';
import {
  isModelClass,
  type LayerDefinition,
  modelTopology,
  parse,
  parseTopology,
  type TensorUse,
  type Topology,
} from './topology.ts';
import type { Weight } from './weights.ts';

/** What `model.json` and its shards hold. */
export interface LayersModel {
  readonly modelTopology: unknown;
  readonly weightsManifest: unknown;
  /** All shards, one after the other in the manifest's order. */
  readonly weightData: Uint8Array;
}

const opset = 13;
/** Calls inside calls: models inside models, and chains of layers that are waiting for their inputs. */
const maxNesting = 16;

const InputShape = z.object({
  batch_input_shape: z.tuple([z.int().nullable(), z.int().nullable(), z.int().nullable(), z.int()]),
});

const Class = z.object({ class_name: z.string() }).catch({ class_name: '' });
const Wrapped = z.object({ model_config: z.unknown() }).catch({ model_config: undefined });
const Named = z
  .object({ config: z.object({ name: z.string().catch(''), layers: z.array(z.unknown()).optional() }) })
  .catch({ config: { name: '' } });

/**
 * Writes a Keras model as ONNX, float32, input `[batch, height, width, channels]`, the inside NCHW as the engine wants it.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED with the layer and its class; MODEL_INVALID.
 */
export function kerasToOnnx(
  modelTopology: unknown,
  weights: ReadonlyMap<string, Weight>,
  size: { width?: number; height?: number } = {},
): ModelMessage {
  const topology = parseTopology(modelTopology);
  const [input, ...others] = topology.inputs;
  const [output, ...more] = topology.outputs;
  if (!input || !output || others.length > 0 || more.length > 0) {
    throw new RookeryError('MODEL_INVALID', {
      detail: `${topology.inputs.length} inputs and ${topology.outputs.length} outputs; a classifier has one each`,
    });
  }
  const [, ownHeight, ownWidth, channels] = inputShape(topology, input.layer);
  const [height, width] = [ownHeight ?? size.height ?? 224, ownWidth ?? size.width ?? 224];
  const graph = new GraphBuilder(namesIn(modelTopology), opset);
  const pixels = graph.input('pixels', 'float32', ['batch', height, width, channels]);
  const inside = { name: graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] }), shape: [height, width, channels] };
  const [result] = writeModel(topology, [inside], graph, weights, 0);
  if (result?.shape.length !== 1)
    throw new RookeryError('MODEL_INVALID', {
      detail: `the output is [${result?.shape}] a picture, not a row of scores`,
    });
  graph.output(result.name, 'float32', ['batch', ...result.shape]);
  return { ...graph.model(), producerName: 'keras' };
}

/** What the model and the models in it are called: whose weights they are says what their pictures were. */
function namesIn(topology: unknown): string {
  const { model_config } = Wrapped.parse(topology);
  const { name, layers = [] } = Named.parse(model_config ?? topology).config;
  const inner = layers.filter((layer) => isModelClass(Class.parse(layer).class_name)).map(namesIn);
  return [name, ...inner].join(' ').trim() || 'layers';
}

/** The input's shape: its own, or that of the first layer of a model that stands in its place. */
function inputShape(topology: Topology, name: string): z.infer<typeof InputShape>['batch_input_shape'] {
  const layer = topology.layers.get(name);
  if (layer && isModelClass(layer.className)) {
    const inner = modelTopology(layer.className, layer.config);
    return inputShape(inner, inner.inputs[0]?.layer ?? '');
  }
  const given = layer?.config.batch_input_shape;
  if (layer?.className === 'InputLayer' && given === undefined) {
    // A sequential model whose first member is a model: that one knows.
    const reader = [...topology.layers.values()].find(
      ({ calls, className }) => isModelClass(className) && calls[0]?.[0]?.layer === name,
    );
    if (reader) return inputShape(topology, reader.name);
  }
  return parse(InputShape, layer?.config, `input ${name}`).batch_input_shape;
}

/** Writes the layers that the outputs need, each once a call. */
function writeModel(
  topology: Topology,
  inputs: readonly Value[],
  graph: GraphBuilder,
  weights: ReadonlyMap<string, Weight>,
  depth: number,
): Value[] {
  if (depth > maxNesting)
    throw new RookeryError('MODEL_INVALID', { detail: `models inside models, more than ${maxNesting} deep` });
  const done = new Map<string, readonly Value[]>();
  const key = ({ layer, call }: TensorUse): string => `${call} ${layer}`;
  for (const [n, use] of topology.inputs.entries()) {
    const value = inputs[n];
    if (value) done.set(key(use), [value]);
  }
  const waiting = new Set<string>();
  const madeBy = (use: TensorUse): Value | undefined => done.get(key(use))?.[use.output];
  // A stack of our own: models are chains of hundreds of layers.
  const stack = [...topology.outputs];
  for (let use = stack.at(-1); use; use = stack.at(-1)) {
    if (done.has(key(use))) {
      waiting.delete(key(use));
      stack.pop();
      continue;
    }
    const layer = topology.layers.get(use.layer);
    const call = layer?.calls[use.call];
    if (!layer || !call)
      throw new RookeryError('MODEL_INVALID', {
        detail: `there is no call ${use.call} of layer ${JSON.stringify(use.layer)}`,
      });
    const missing = call.filter((each) => !done.has(key(each)));
    if (missing.length === 0) {
      const values = call.map(madeBy).filter((value) => value !== undefined);
      if (values.length !== call.length)
        throw new RookeryError('MODEL_INVALID', { detail: `layer ${layer.name} reads an output that is not there` });
      done.set(key(use), writeLayer(layer, use.call, values, graph, weights, depth));
      continue;
    }
    if (waiting.has(key(use)))
      throw new RookeryError('MODEL_INVALID', { detail: `layer ${layer.name} waits for itself` });
    waiting.add(key(use));
    stack.push(...missing);
  }
  return topology.outputs.map(madeBy).filter((value) => value !== undefined);
}

function writeLayer(
  layer: LayerDefinition,
  call: number,
  inputs: readonly Value[],
  graph: GraphBuilder,
  weights: ReadonlyMap<string, Weight>,
  depth: number,
): readonly Value[] {
  if (isModelClass(layer.className))
    return writeModel(modelTopology(layer.className, layer.config), inputs, graph, weights, depth + 1);
  if (layer.className === 'InputLayer') return inputs;
  const convert = layerConverters.get(layer.className);
  if (!convert) throw unsupported(layer);
  // A layer that is called again gets constants of its own names.
  const named = call === 0 ? layer : { ...layer, name: `${layer.name}@${call}` };
  const weight = (name: string, shape: readonly number[], otherwise = name): Float32Array => {
    const found = findWeight(weights, layer.name, name, otherwise);
    checkShape(found, shape, `${layer.name}/${name}`);
    return found.values;
  };
  const anyWeight = (name: string): Weight => findWeight(weights, layer.name, name);
  return [convert({ graph, layer: named, inputs, weight, anyWeight })];
}
