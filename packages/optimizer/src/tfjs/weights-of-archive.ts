import { RookeryError } from '@rookery/contracts';
import { type WeightTree, weightsOfArchive } from '../keras/weights-of-archive.ts';
import type { Weight } from './weights.ts';

/**
 * Weights by `layer/weight`: those of a `.keras` archive that Python's converter wrote are called by their places there,
 * `layers/conv2d_1/vars/0`.
 */
export function byLayer(weights: ReadonlyMap<string, Weight>, topology: unknown): ReadonlyMap<string, Weight> {
  const isArchive = [...weights.keys()].some((name) => /^layers\/.*\/vars\/\d+$/.test(name));
  return isArchive ? weightsOfArchive(treeOf(weights), topology) : weights;
}

function treeOf(weights: ReadonlyMap<string, Weight>): WeightTree {
  const children = new Map<string, Set<string>>();
  for (const name of weights.keys()) {
    const parts = name.split('/');
    for (const [at, part] of parts.entries()) {
      const place = parts.slice(0, at).join('/');
      children.set(place, (children.get(place) ?? new Set()).add(part));
    }
  }
  return {
    members: (path) => [...(children.get(path) ?? [])],
    text: () => undefined,
    numbers: (path) => {
      const weight = weights.get(path);
      if (!weight) throw new RookeryError('MODEL_INVALID', { detail: `there is no weight ${path}` });
      return weight;
    },
  };
}
