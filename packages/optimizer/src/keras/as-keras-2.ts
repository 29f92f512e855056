import * as z from 'zod';
import { Member } from './member.ts';
import { operationAsLayer } from './operations.ts';

/** How a tensor says where it comes from: the layer, its call, its output. */
const Tensor = z.object({
  class_name: z.literal('__keras_tensor__'),
  config: z.object({ keras_history: z.tuple([z.string(), z.int(), z.int()]) }),
});
const Call = z.object({ args: z.array(z.unknown()), kwargs: z.record(z.string(), z.unknown()) });
const Serialised = z.looseObject({ class_name: z.string(), config: z.unknown() });

/** By the version that wrote it. */
export const isKeras3 = (version: string): boolean => !/^[12]\./.test(version) && version !== '2';

/**
 * The topology of a Keras 3 model in the words of Keras 2, which TensorFlow.js keeps; one of Keras 2 stays what it is.
 * @param ofKeras3 Some activations have the same name and are other functions.
 */
export function asKeras2(topology: unknown, ofKeras3: boolean): unknown {
  const parsed = Member.safeParse(topology);
  return parsed.success ? member(operationAsLayer(parsed.data, tensorsIn), ofKeras3) : topology;
}

function member(each: Member, ofKeras3: boolean): unknown {
  const { config, inbound_nodes } = each;
  const { batch_shape, layers, activation, ...rest } = config ?? {};
  return {
    ...each,
    ...(each.name === undefined && rest.name !== undefined && { name: rest.name }),
    config: config && {
      ...rest,
      ...(batch_shape !== undefined && { batch_input_shape: batch_shape }),
      ...(layers && { layers: layers.map((layer) => asKeras2(layer, ofKeras3)) }),
      ...('activation' in config && { activation: nameOf(activation, ofKeras3) }),
    },
    ...(inbound_nodes && { inbound_nodes: inbound_nodes.map(callOf) }),
  };
}

/** Its tensors, one after the other, wherever they stand. */
function callOf(call: unknown): unknown {
  const parsed = Call.safeParse(call);
  if (!parsed.success) return call;
  const { args, kwargs } = parsed.data;
  return tensorsIn([args, Object.values(kwargs)]);
}

function tensorsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  const tensor = Tensor.safeParse(value);
  return tensor.success ? [[...tensor.data.config.keras_history, {}]] : [];
}

/** A function of Keras by its name, also where it is written as an object. */
function nameOf(activation: unknown, ofKeras3: boolean): unknown {
  const written = Serialised.safeParse(activation);
  const name = written.success && typeof written.data.config === 'string' ? written.data.config : activation;
  return ofKeras3 && name === 'hard_sigmoid' ? 'hard_sigmoid_of_6' : name;
}
