import { RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { type LayerDefinition, parse } from './topology.ts';
import type { Weight } from './weights.ts';

/** A tensor on its way: `[height, width, channels]` stands in the graph as NCHW, `[size]` as `[batch, size]`. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  /** This channel alone of the pictures `name`, whose shape is `[height, width]` then: read by what puts channels together. */
  readonly channel?: number;
}

/** Writes one layer's nodes. */
export interface LayerContext {
  readonly graph: GraphBuilder;
  readonly layer: LayerDefinition;
  readonly inputs: readonly Value[];
  /**
   * @param otherwise Its name in other versions of Keras.
   * @throws {RookeryError} MODEL_INVALID where there is none of this shape; a size of 0 fits any.
   */
  weight(name: string, shape: readonly number[], otherwise?: string): Float32Array;
  /** As it is, whatever its shape. @throws {RookeryError} MODEL_INVALID where there is none. */
  anyWeight(name: string): Weight;
}

export type LayerConverter = (context: LayerContext) => Value;

export const unsupported = ({ name, className }: LayerDefinition, what = ''): RookeryError =>
  new RookeryError('MODEL_OPERATOR_UNSUPPORTED', {
    detail: `layer ${JSON.stringify(name)} (${className})${what && `: ${what}`}`,
  });

/** The one input. @throws {RookeryError} MODEL_INVALID where there are none or several. */
export function onlyInput({ inputs, layer }: LayerContext): Value {
  const [only, ...others] = inputs;
  if (!only || others.length > 0)
    throw new RookeryError('MODEL_INVALID', { detail: `layer ${layer.name} has ${inputs.length} inputs` });
  if (only.channel !== undefined) throw unsupported(layer, `input of shape [${only.shape}]`);
  return only;
}

/** The one input, which must be pictures: `[height, width, channels]`. */
export function pictureInput(context: LayerContext): { name: string; height: number; width: number; channels: number } {
  const { name, shape } = onlyInput(context);
  const [height, width, channels] = shape;
  if (shape.length !== 3 || height === undefined || width === undefined || channels === undefined) {
    throw unsupported(context.layer, `input of shape [${shape}]`);
  }
  return { name, height, width, channels };
}

/** Reads a layer's configuration. Anything but the usual order of axes is refused here. */
export function configOf<T>({ layer }: LayerContext, schema: z.ZodType<T>): T {
  const format = layer.config.data_format;
  if (format !== undefined && format !== null && format !== 'channels_last')
    throw unsupported(layer, `data_format ${String(format)}`);
  return parse(schema, layer.config, `layer ${layer.name}`);
}

export const Pair = z.union([
  z.tuple([z.int().min(1), z.int().min(1)]),
  z
    .int()
    .min(1)
    .transform((both): [number, number] => [both, both]),
]);
export const PaddingMode = z.enum(['valid', 'same']);

/** A weight by layer and name, or by the shortest name that ends so, as in models inside models: names of layers may have slashes. */
export function findWeight(weights: ReadonlyMap<string, Weight>, layer: string, ...names: string[]): Weight {
  for (const name of names) {
    const exact = weights.get(`${layer}/${name}`);
    if (exact) return exact;
    const ending = [...weights].filter(([key]) => key.endsWith(`/${layer}/${name}`));
    const depth = (key: string): number => key.split('/').length;
    const least = Math.min(...ending.map(([key]) => depth(key)));
    const [only, ...others] = ending.filter(([key]) => depth(key) === least);
    if (only && others.length === 0) return only[1];
  }
  throw new RookeryError('MODEL_INVALID', { detail: `there is no weight ${layer}/${names[0]}` });
}

/** @throws {RookeryError} MODEL_INVALID where it has another shape; a size of 0 fits any. */
export function checkShape({ shape }: Weight, wanted: readonly number[], name: string): void {
  if (shape.length === wanted.length && shape.every((size, axis) => wanted[axis] === 0 || size === wanted[axis]))
    return;
  throw new RookeryError('MODEL_INVALID', { detail: `weight ${name} is [${shape}], not [${wanted}]` });
}
