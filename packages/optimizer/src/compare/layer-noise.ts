import { layersOf } from '../int8/layers.ts';
import { decodeModel } from '../onnx/codec.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { firstOf, type Sample } from '../sample.ts';
import { eachPicture } from '../watch-values.ts';

/** How much of a layer's result is signal. */
export interface LayerNoise {
  readonly layer: string;
  readonly operator: string;
  /** 10 log10 of the signal's power over that of the difference; `null` where there is none. */
  readonly decibels: number | null;
}

const mostPictures = 8;

/**
 * For each convolution and dense layer that both graphs have: its result in the changed graph, with all that went before it, against that in the
 * reference.
 */
export async function layerNoise(
  reference: Uint8Array,
  changed: Uint8Array,
  sample: Sample,
  signal?: AbortSignal,
): Promise<LayerNoise[]> {
  const [before, after] = [decodeModel(reference), decodeModel(changed)];
  const there = new Set(after.graph.node.flatMap(({ output }) => output));
  const layers = layersOf(before.graph).filter(({ name }) => there.has(name));
  const power = new Map<string, { signal: number; noise: number }>();
  const few = firstOf(sample, mostPictures);
  for (let n = 0; n < few.count; n += 1) {
    const one = { ...few, pixels: few.pixels.subarray(n * few.width * few.height * 3), count: 1 };
    const names = layers.map(({ name }) => name);
    const [wanted, given] = [await valuesOf(before, names, one, signal), await valuesOf(after, names, one, signal)];
    for (const name of names) add(power, name, wanted.get(name), given.get(name));
  }
  return layers.map(({ name, node }) => {
    const { signal: strong, noise } = power.get(name) ?? { signal: 0, noise: 0 };
    const decibels = noise > 0 && strong > 0 ? 10 * Math.log10(strong / noise) : null;
    return { layer: name, operator: node.opType, decibels };
  });
}

async function valuesOf(model: ModelMessage, names: readonly string[], sample: Sample, signal?: AbortSignal) {
  const values = new Map<string, Float32Array>();
  await eachPicture(model, names, sample, signal, (name, _, data) => values.set(name, data));
  return values;
}

function add(
  power: Map<string, { signal: number; noise: number }>,
  name: string,
  wanted: Float32Array | undefined,
  given: Float32Array | undefined,
): void {
  if (!wanted || wanted.length !== given?.length) return;
  const sums = power.get(name) ?? { signal: 0, noise: 0 };
  for (let at = 0; at < wanted.length; at += 1) {
    const value = wanted[at] ?? 0;
    sums.signal += value ** 2;
    sums.noise += (value - (given[at] ?? 0)) ** 2;
  }
  power.set(name, sums);
}
