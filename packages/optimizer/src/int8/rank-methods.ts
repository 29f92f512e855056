import type { Sample } from '../sample.ts';
import { chooseRange, type RangeMethod } from './choose-range.ts';
import { byteValues, channelsLast, type Layer } from './layers.ts';
import { type Observation, observe } from './observe.ts';
import type { PlanSearch } from './plan-search.ts';
import type { Int8Plan } from './write-int8.ts';

/** Fewer pictures are not divided to choose a method with. */
const fewestToDivide = 8;

/**
 * Methods, first the one whose ranges, found with every other picture, move the scores of the remaining pictures least: ranges that fit
 * only what they were made of do not count. Plans are made with all pictures.
 */
export async function rankMethods(
  search: PlanSearch,
  methods: readonly RangeMethod[],
  layers: readonly Layer[],
  sample: Sample,
  tell: (text: string) => void,
): Promise<{ readonly methods: readonly RangeMethod[]; readonly planBy: (method: RangeMethod) => Int8Plan }> {
  const places = placesOf(sample.count);
  const divided = sample.count >= fewestToDivide;
  const half = divided ? places.filter((n) => n % 2 === 0) : places;
  const rest = divided ? places.filter((n) => n % 2 === 1) : places;
  const values = [...byteValues(search.model.graph, layers)];
  const options = { channelsLast: channelsLast(layers), signal: search.signal };
  const parts = [new Set(places), ...(methods.length > 1 ? [new Set(half)] : [])];
  const [whole = new Map(), first = whole] = await observe(search.model, values, sample, parts, options);
  const shifts = new Map<RangeMethod, number>();
  for (const method of methods.length > 1 ? methods : []) {
    tell(`trying ranges by ${method}`);
    shifts.set(method, await search.tryMethod(method, planFrom(first, method), rest));
  }
  const ranked = methods.toSorted((a, b) => (shifts.get(a) ?? 0) - (shifts.get(b) ?? 0));
  return { methods: ranked, planBy: (method) => planFrom(whole, method) };
}

const planFrom = (observations: ReadonlyMap<string, Observation>, method: RangeMethod): Int8Plan => ({
  ranges: new Map([...observations].map(([name, seen]) => [name, chooseRange(seen, method)])),
  channelMeans: new Map([...observations].map(([name, { channelMeans }]) => [name, channelMeans])),
});

export const placesOf = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
