import { describeIssues, RookeryError } from '@rookery/contracts';
import * as z from 'zod';

/** One use of a tensor: the layer that makes it, at which of its calls, and which of its outputs. */
export interface TensorUse {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}

export interface LayerDefinition {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Inputs of each call. */
  readonly calls: readonly (readonly TensorUse[])[];
}

/** A functional model; sequential ones are made into it. */
export interface Topology {
  readonly layers: ReadonlyMap<string, LayerDefinition>;
  readonly inputs: readonly TensorUse[];
  readonly outputs: readonly TensorUse[];
}

const toldIssues = 3;
/** Far more than any classifier has. */
const maxLayers = 20_000;

const Use = z.tuple([z.string(), z.int().min(0), z.int().min(0)], z.unknown());
const Config = z.record(z.string(), z.unknown());
const FunctionalLayer = z.object({
  name: z.string(),
  class_name: z.string(),
  config: Config,
  inbound_nodes: z.array(z.array(Use)),
});
/** A model with one input or output may name it without a list around it. */
const Uses = z.union([z.array(Use), Use.transform((use) => [use])]);
const Functional = z.object({
  layers: z.array(FunctionalLayer).max(maxLayers),
  input_layers: Uses,
  output_layers: Uses,
});
const SequentialLayer = z.object({ class_name: z.string(), config: Config.and(z.object({ name: z.string() })) });
const Sequential = z.union([
  z.object({ layers: z.array(SequentialLayer).max(maxLayers) }).transform(({ layers }) => layers),
  z.array(SequentialLayer).max(maxLayers),
]);
const Model = z.object({ class_name: z.string(), config: z.unknown() });
/** `model.json`'s modelTopology: Keras' own wraps the model once more. */
const Root = z.union([z.object({ model_config: Model }).transform(({ model_config }) => model_config), Model]);

const use = ([layer, call, output]: [string, number, number, ...unknown[]]): TensorUse => ({ layer, call, output });

export const isModelClass = (className: string): boolean => ['Functional', 'Model', 'Sequential'].includes(className);

/** @throws {RookeryError} MODEL_INVALID where it is not the topology of a Keras 2 model. */
export function parseTopology(json: unknown): Topology {
  const root = parse(Root, json);
  return modelTopology(root.class_name, root.config);
}

/** The same for a model inside a model. */
export function modelTopology(className: string, config: unknown): Topology {
  if (className === 'Sequential') return sequentialTopology(parse(Sequential, config));
  if (!isModelClass(className)) throw new RookeryError('MODEL_INVALID', { detail: `a topology of class ${className}` });
  const { layers, input_layers, output_layers } = parse(Functional, config);
  const uses = layers.flatMap(({ inbound_nodes }) => inbound_nodes.flat().map(use));
  const counted = callsFromOne(layers, [...uses, ...output_layers.map(use)]);
  const shifted = (each: TensorUse): TensorUse => (counted.has(each.layer) ? { ...each, call: each.call - 1 } : each);
  return {
    layers: new Map(
      layers.map(({ name, class_name, config: own, inbound_nodes }) => [
        name,
        { name, className: class_name, config: own, calls: inbound_nodes.map((call) => call.map(use).map(shifted)) },
      ]),
    ),
    inputs: input_layers.map(use),
    outputs: output_layers.map(use).map(shifted),
  };
}

/** Models inside a model of Keras 2, whose call 0 is the one by which they were made: it is not written down. */
function callsFromOne(
  layers: readonly z.infer<typeof FunctionalLayer>[],
  uses: readonly TensorUse[],
): ReadonlySet<string> {
  const models = layers.filter(({ class_name }) => isModelClass(class_name)).map(({ name }) => name);
  const isCounted = (name: string): boolean => {
    const calls = uses.filter(({ layer }) => layer === name).map(({ call }) => call);
    return calls.length > 0 && !calls.includes(0);
  };
  return new Set(models.filter(isCounted));
}

/** Each layer reads the one before it; the first says what it is given, by itself or as an InputLayer. */
function sequentialTopology(members: z.infer<typeof Sequential>): Topology {
  const layers = new Map<string, LayerDefinition>();
  const first = members[0];
  if (!first) throw new RookeryError('MODEL_INVALID', { detail: 'a sequential model without layers' });
  let last: TensorUse | undefined;
  if (first.class_name !== 'InputLayer') {
    const name = `${first.config.name}_input`;
    layers.set(name, {
      name,
      className: 'InputLayer',
      config: { batch_input_shape: first.config.batch_input_shape },
      calls: [],
    });
    last = { layer: name, call: 0, output: 0 };
  }
  for (const { class_name, config } of members) {
    layers.set(config.name, { name: config.name, className: class_name, config, calls: last ? [[last]] : [] });
    last = { layer: config.name, call: 0, output: 0 };
  }
  const [input] = layers.keys();
  return { layers, inputs: [{ layer: input ?? '', call: 0, output: 0 }], outputs: last ? [last] : [] };
}

export function parse<T>(schema: z.ZodType<T>, value: unknown, where = 'the topology'): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RookeryError('MODEL_INVALID', {
    detail: `${where}: ${describeIssues(parsed.error, toldIssues)}`,
    cause: parsed.error,
  });
}
