import { RookeryError } from '@rookery/contracts';
import { type Agreement, agreementOf } from '../compare/agreement.ts';
import { rowsOf, type Scores, scoresOf } from '../compare/scores.ts';
import { cloneModel, decodeModel, encodeModel } from '../onnx/codec.ts';
import { DataType } from '../onnx/data-types.ts';
import { toNumber } from '../onnx/int64.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { elementCount, tensorDims } from '../onnx/tensor.ts';
import { firstOf, pick, type Sample } from '../sample.ts';
import { chooseRange, type RangeMethod, rangeMethods } from './choose-range.ts';
import { equalise } from './equalise.ts';
import { byteValues, type Layer, layersOf } from './layers.ts';
import { type Observation, observe } from './observe.ts';
import { type Int8Plan, writeInt8 } from './write-int8.ts';

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
const mostForSensitivity = 16;
/** Of the layers: with more of them in float32 nothing is gained. */
const mostInFloat = 0.25;
/** Fewer pictures are not divided to choose a method with. */
const fewestToDivide = 8;

/**
 * Static quantisation of a float32 serving graph with pictures of the kind that it is going to see.
 * @throws {RookeryError} MODEL_INVALID where no layer can be quantised, or the operator set is older than 13; ABORTED.
 */
export async function optimiseInt8(graph: Uint8Array, pictures: Sample, options: Int8Options = {}): Promise<Int8Graph> {
  const { method = 'auto', agreement: wanted = 0.99, signal, tell = () => undefined } = options;
  const model = cloneModel(decodeModel(graph));
  const opset = toNumber(model.opsetImport.find(({ domain }) => !domain)?.version ?? 0);
  if (opset < 13)
    throw new RookeryError('MODEL_INVALID', { detail: `operator set ${opset}; scales a channel need 13` });
  const layers = layersOf(model.graph);
  if (layers.length === 0) throw new RookeryError('MODEL_INVALID', { detail: 'no layer that can be quantised' });
  const seen = firstOf(pictures, mostObserved);
  tell(`looking at the values of ${layers.length} layers with ${seen.count} pictures`);
  const equalised = await equaliseWith(model, firstOf(seen, mostForSensitivity), signal);
  const values = [...byteValues(model.graph, layers)];
  const search = new Search(model, pictures, await scoresOf(graph, pictures, { signal }), signal);
  const methods = method === 'auto' ? rangeMethods : [method];
  const chosen = await chooseMethod(search, methods, values, seen, tell);
  const observations = await observe(model, values, seen, signal);
  const plan = planBy(observations, chosen);
  await search.tryPlan(chosen, plan, []);
  if (search.best.agreement.top1 < wanted) {
    tell(
      `${percent(search.best.agreement.top1)} agree, ${percent(wanted)} are asked for: looking for sensitive layers`,
    );
    const few = firstOf(pictures, mostForSensitivity);
    const sensitive = await search.sensitiveLayers(
      plan,
      layers.map(({ name }) => name),
      few,
    );
    const most = Math.max(1, Math.floor(layers.length * mostInFloat));
    for (let keep = 1; search.best.agreement.top1 < wanted && keep <= most; keep = Math.min(keep * 2, keep + 4))
      await search.tryPlan(chosen, plan, sensitive.slice(0, keep));
  }
  const { best, tried } = search;
  const exact = await isExact(best.graph, firstOf(pictures, mostForSensitivity));
  return {
    graph: best.graph,
    sessionConfig: { ...asWritten, ...(exact && fastKernels) },
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

function weightShare({ graph: { initializer } }: ModelMessage, layers: readonly Layer[]): number {
  const asBytes = new Set(layers.map(({ node }) => node.input[1]));
  const sizes = initializer
    .filter(({ dataType }) => dataType === DataType.float32)
    .map((tensor) => ({ bytes: asBytes.has(tensor.name), count: elementCount(tensorDims(tensor)) }));
  const sum = (of: typeof sizes): number => of.reduce((total, { count }) => total + count, 0);
  return sum(sizes.filter(({ bytes }) => bytes)) / sum(sizes);
}

/** Else the runtime would give layers that are meant to stay in float32 bytes of its own, with one scale for all channels. */
const asWritten = { 'optimization.disable_specified_optimizers': 'WeightBiasQuantization' };

/** The fastest kernels of processors without VNNI, which cut sums of two products that do not fit into 16 bits. */
const fastKernels = { 'session.x64quantprecision': '0' };

/** Weights are chosen so that every sum fits: whether the fastest kernels really give the very numbers of the exact ones. */
async function isExact(graph: Uint8Array, sample: Sample): Promise<boolean> {
  const fast = await scoresOf(graph, sample, { config: { ...asWritten, ...fastKernels } });
  const exact = await scoresOf(graph, sample, { config: asWritten });
  return fast.values.every((score, at) => Object.is(score, exact.values[at]));
}

async function equaliseWith(model: ModelMessage, sample: Sample, signal: AbortSignal | undefined): Promise<number> {
  const results = layersOf(model.graph).map(({ result }) => result);
  const seen = await observe(model, results, sample, signal);
  return equalise(model, (value) => seen.get(value)?.channelSizes);
}

/**
 * The method whose ranges, found with every other picture, move the scores of the remaining pictures least: ranges that fit only what they
 * were made of do not count.
 */
async function chooseMethod(
  search: Search,
  methods: readonly RangeMethod[],
  values: readonly string[],
  sample: Sample,
  tell: (text: string) => void,
): Promise<RangeMethod> {
  const [only = 'min-max'] = methods;
  if (methods.length < 2) return only;
  const places = Array.from({ length: sample.count }, (_, n) => n);
  const half =
    sample.count < fewestToDivide
      ? sample
      : pick(
          sample,
          places.filter((n) => n % 2 === 0),
        );
  const rest = sample.count < fewestToDivide ? places : places.filter((n) => n % 2 === 1);
  const observations = await observe(search.model, values, half, search.signal);
  const shifts: number[] = [];
  for (const method of methods) {
    tell(`trying ranges by ${method}`);
    shifts.push(await search.tryMethod(method, planBy(observations, method), rest));
  }
  return methods[shifts.indexOf(Math.min(...shifts))] ?? only;
}

const planBy = (observations: ReadonlyMap<string, Observation>, method: RangeMethod): Int8Plan => ({
  ranges: new Map([...observations].map(([name, seen]) => [name, chooseRange(seen, method)])),
  channelMeans: new Map([...observations].map(([name, { channelMeans }]) => [name, channelMeans])),
});

interface Tried {
  readonly graph: Uint8Array;
  readonly method: RangeMethod;
  readonly kept: readonly string[];
  readonly agreement: Agreement;
}

/** Plans that were tried on the pictures, and the best of them. */
class Search {
  readonly tried: { readonly what: string; readonly top1: number; readonly shift: number }[] = [];
  #best: Tried | undefined;

  constructor(
    readonly model: ModelMessage,
    private readonly pictures: Sample,
    private readonly reference: Scores,
    readonly signal: AbortSignal | undefined,
  ) {}

  get best(): Tried {
    if (!this.#best) throw new RookeryError('INTERNAL', { detail: 'nothing was tried' });
    return this.#best;
  }

  /** @returns how much the scores of the pictures at `places` move. */
  async tryMethod(method: RangeMethod, plan: Int8Plan, places: readonly number[]): Promise<number> {
    const scores = await this.#scores(this.#write(plan), pick(this.pictures, places));
    const { top1, shift } = agreementOf(rowsOf(this.reference, places), scores, places);
    this.tried.push({ what: `${method} on other pictures`, top1, shift });
    return shift;
  }

  async tryPlan(method: RangeMethod, plan: Int8Plan, kept: readonly string[]): Promise<void> {
    const graph = this.#write({ ...plan, keep: new Set(kept) });
    const places = Array.from({ length: this.pictures.count }, (_, n) => n);
    const agreement = agreementOf(this.reference, await this.#scores(graph, this.pictures), places);
    const { top1, shift } = agreement;
    this.tried.push({ what: kept.length === 0 ? method : `${method}, ${kept.length} layers in float32`, top1, shift });
    if (!this.#best || top1 > this.#best.agreement.top1) this.#best = { graph, method, kept, agreement };
  }

  /** Layers by what each of them alone does to the scores as bytes, the worst first. */
  async sensitiveLayers(plan: Int8Plan, names: readonly string[], sample: Sample): Promise<string[]> {
    const places = Array.from({ length: sample.count }, (_, n) => n);
    const shifts = new Map<string, number>();
    for (const name of names) {
      const keep = new Set(names.filter((other) => other !== name));
      const scores = await this.#scores(this.#write({ ...plan, keep }), sample);
      shifts.set(name, agreementOf(rowsOf(this.reference, places), scores, places).shift);
    }
    return [...names].sort((a, b) => (shifts.get(b) ?? 0) - (shifts.get(a) ?? 0));
  }

  #write = (plan: Int8Plan): Uint8Array => encodeModel(writeInt8(this.model, plan));

  #scores(graph: Uint8Array, sample: Sample): Promise<Scores> {
    return scoresOf(graph, sample, { config: asWritten, signal: this.signal });
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
