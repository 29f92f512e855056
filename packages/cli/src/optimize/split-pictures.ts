import { RookeryError } from '@rookery/contracts';
import { distinctSources, pick } from '@rookery/optimizer';
import type { NamedSample } from './read-pictures.ts';

/** Pictures to change a graph with, and others to see what that did. No source is in both. */
export interface SplitPictures {
  readonly calibration: NamedSample;
  readonly check: NamedSample;
  /** For each picture of `check`, the number of its source. */
  readonly sources: readonly number[];
  readonly calibrationSources: number;
}

/**
 * Every other source of the given pictures; or, where there are pictures to check with, all of the first and what of the second shows
 * something else.
 * @throws {RookeryError} USAGE where fewer than two sources are there, or none is left to check with.
 */
export function splitPictures(given: NamedSample, checks: NamedSample | undefined): SplitPictures {
  const all = checks ? joined(given, checks) : given;
  const sources = distinctSources(all);
  const places = [...all.names.keys()];
  const used = checks ? new Set(sources.slice(0, given.count)) : new Set(sources.filter((source) => source % 2 === 0));
  const [first, second] = checks
    ? [places.slice(0, given.count), places.slice(given.count).filter((place) => !used.has(sources[place] ?? 0))]
    : [
        places.filter((place) => used.has(sources[place] ?? 0)),
        places.filter((place) => !used.has(sources[place] ?? 0)),
      ];
  if (second.length === 0)
    throw new RookeryError('USAGE', {
      detail: checks
        ? 'every picture to check with shows what one to calibrate with shows'
        : 'at least two different pictures are needed: one to calibrate with, one to check',
    });
  return {
    calibration: picked(all, first),
    check: picked(all, second),
    sources: second.map((place) => sources[place] ?? 0),
    calibrationSources: used.size,
  };
}

const picked = (sample: NamedSample, places: readonly number[]): NamedSample => ({
  ...pick(sample, places),
  names: places.map((place) => sample.names[place] ?? ''),
});

function joined(first: NamedSample, second: NamedSample): NamedSample {
  const length = first.pixels.length + second.pixels.length;
  const pixels = first.pixels instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  pixels.set(first.pixels);
  pixels.set(second.pixels, first.pixels.length);
  return { ...first, pixels, count: first.count + second.count, names: [...first.names, ...second.names] };
}
