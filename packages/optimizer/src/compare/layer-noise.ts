import { layersOf } from '../int8/layers.ts';
import { decodeModel } from '../onnx/codec.ts';
import { firstOf, type Sample } from '../sample.ts';
import { watchGraph } from '../watch-values.ts';

/** How much of a layer's result is signal. */
export interface LayerNoise {
  readonly layer: string;
  readonly operator: string;
  /** 10 log10 of the signal's power over that of the difference; `null` where there is none. */
  readonly decibels: number | null;
}

const mostPictures = 8;

/**
 * For each layer with weights that both graphs have: its result in the changed graph, with all that went before it, against that in the
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
  const names = layers.map(({ name }) => name);
  await using wanted = await watchGraph(before, names, few);
  await using given = await watchGraph(after, names, few);
  for (let n = 0; n < few.count; n += 1) {
    signal?.throwIfAborted();
    const [wantedValues, givenValues] = [await wanted.look(n), await given.look(n)];
    for (const name of names) add(power, name, wantedValues.get(name)?.data, givenValues.get(name)?.data);
  }
  return layers.map(({ name, node }) => {
    const { signal: strong, noise } = power.get(name) ?? { signal: 0, noise: 0 };
    const decibels = noise > 0 && strong > 0 ? 10 * Math.log10(strong / noise) : null;
    return { layer: name, operator: node.opType, decibels };
  });
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
