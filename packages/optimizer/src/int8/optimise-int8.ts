import { availableParallelism } from 'node:os';
import { RookeryError } from '@rookery/contracts';
import { scoresOf } from '../compare/scores.ts';
import { encodeModel } from '../onnx/codec.ts';
import { DataType } from '../onnx/data-types.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { elementCount, tensorDims } from '../onnx/tensor.ts';
import { firstOf, type Sample } from '../sample.ts';
import { type RangeMethod, rangeMethods } from './choose-range.ts';
import { equalisable, equalise } from './equalise.ts';
import { type Layer, layersOf } from './layers.ts';
import { observe } from './observe.ts';
import { PlanSearch } from './plan-search.ts';
import { placesOf, rankMethods } from './rank-methods.ts';
import { fastestExact } from './session-config.ts';
import { withScales } from './with-scales.ts';

export interface Int8Options {
  /** `auto` tries all of them and keeps the one that agrees best. */
  readonly method?: RangeMethod | 'auto' | undefined;
  /** Share of the calibration pictures that must keep their best label; layers stay in float32 until they do. 0.99 where nothing is said. */
  readonly agreement?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly tell?: ((text: string) => void) | undefined;
}

export interface Int8Graph {
  readonly graph: Uint8Array;
  /** The float32 graph that was quantised: the scores of the one given, with its channels equalised, so that values of layers compare. */
  readonly layerReference: Uint8Array;
  /** Session options that its numbers and its speed depend on. */
  readonly sessionConfig: Readonly<Record<string, string>>;
  readonly method: RangeMethod;
  /** Share of the calibration pictures that keep their best label, and what was asked for: not reached where too many layers suffer. */
  readonly agreement: number;
  readonly wanted: number;
  readonly layers: number;
  /** Of all weights, so many are bytes: products of matrices, as transformers have them, stay as they are. */
  readonly weightShare: number;
  /** Layers that stayed in float32, by name. */
  readonly kept: readonly string[];
  /** Pairs of layers whose channels were brought to like ranges. */
  readonly equalised: number;
  /** What was tried, and how the calibration pictures agreed. */
  readonly tried: readonly { readonly what: string; readonly top1: number; readonly shift: number }[];
}

/** Of the pictures: more change the ranges no more, and cost time. */
const mostObserved = 128;
const mostForKernels = 16;
const mostForSensitivity = 8;
/** Of the layers: with more of them in float32 nothing is gained. */
const mostInFloat = 0.25;
/**
 * Static quantisation of a float32 serving graph with pictures of the kind that it is going to see.
 * @throws {RookeryError} MODEL_INVALID where no layer can be quantised, or the operator set is older than 13 and cannot be raised; ABORTED.
 */
export async function optimiseInt8(graph: Uint8Array, pictures: Sample, options: Int8Options = {}): Promise<Int8Graph> {
  const { method = 'auto', agreement: wanted = 0.99, signal, tell = () => undefined } = options;
  const reference = await scoresOf(graph, pictures, { threads: availableParallelism(), signal });
  const model = await withScales(graph, pictures, reference, signal);
  const layers = layersOf(model.graph);
  if (layers.length === 0) throw new RookeryError('MODEL_INVALID', { detail: whyNone(model) });
  const seen = firstOf(pictures, mostObserved);
  tell(`looking at the values of ${layers.length} layers with ${seen.count} pictures`);
  const equalised = await equaliseWith(model, firstOf(seen, mostForKernels), signal);
  const search = new PlanSearch(model, pictures, reference, signal);
  const { methods, planBy } = await rankMethods(
    search,
    method === 'auto' ? rangeMethods : [method],
    layers,
    seen,
    tell,
  );
  for (const each of methods) {
    await search.tryPlan(each, planBy(each), []);
    // A layer in float32 costs more than ranges that move the scores a little more.
    if (search.best.agreement.top1 >= wanted) break;
  }
  if (search.best.agreement.top1 < wanted) {
    const chosen = search.best.method;
    const plan = planBy(chosen);
    const [reached, asked] = [search.best.agreement.top1, wanted].map(percent);
    tell(`${reached} agree, ${asked} are asked for: looking for sensitive layers`);
    const names = layers.map(({ name }) => name);
    const sensitive = search.sensitiveLayers(plan, names, mostForSensitivity);
    const most = Math.max(1, Math.floor(layers.length * mostInFloat));
    const kept: string[] = [];
    for (let keep = 1; search.best.agreement.top1 < wanted && keep <= most; keep = Math.min(keep * 2, keep + 4)) {
      while (kept.length < keep) kept.push((await sensitive.next()).value ?? '');
      await search.tryPlan(chosen, plan, [...kept]);
    }
  }
  const { best, tried } = search;
  return {
    graph: best.graph,
    layerReference: encodeModel(model),
    sessionConfig: await fastestExact(best.graph, firstOf(pictures, mostForKernels)),
    method: best.method,
    agreement: best.agreement.top1,
    wanted,
    layers: layers.length,
    weightShare: weightShare(
      model,
      layers.filter(({ name }) => !best.kept.includes(name)),
    ),
    kept: best.kept,
    equalised,
    tried,
  };
}

function whyNone({ graph: { initializer } }: ModelMessage): string {
  const none = 'no layer that can be quantised';
  if (!initializer.some(({ dataType }) => dataType === DataType.float16)) return none;
  return `${none}: its weights are in half precision; add the model in float32`;
}

function weightShare({ graph: { initializer } }: ModelMessage, layers: readonly Layer[]): number {
  const asBytes = new Set(layers.map(({ node }) => node.input[1]));
  const sizes = initializer
    .filter(({ dataType }) => dataType === DataType.float32)
    .map((tensor) => ({ bytes: asBytes.has(tensor.name), count: elementCount(tensorDims(tensor)) }));
  const sum = (of: typeof sizes): number => of.reduce((total, { count }) => total + count, 0);
  return sum(sizes.filter(({ bytes }) => bytes)) / sum(sizes);
}

async function equaliseWith(model: ModelMessage, sample: Sample, signal: AbortSignal | undefined): Promise<number> {
  const results = equalisable(model);
  if (results.length === 0) return 0;
  const all = [new Set(placesOf(sample.count))];
  const [seen] = await observe(model, results, sample, all, { channelsLast: new Set(), signal });
  return equalise(model, (value) => seen?.get(value)?.channelSizes);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
