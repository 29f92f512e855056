import * as z from 'zod';
import {
  configOf,
  type LayerContext,
  type LayerConverter,
  onlyInput,
  unsupported,
  type Value,
} from '../layer-context.ts';

const Place = z.int().nullish();
const Slice = z.object({ start: Place, stop: Place, step: Place });
/** What stands between the brackets of `value[...]`, the batch first. */
const Key = z.array(z.union([z.literal('...'), z.int(), Slice]));
type Slice = z.infer<typeof Slice>;
type Key = z.infer<typeof Key>;

/** A part of a value by Python's slices; of pictures one channel too. */
export const getItem: LayerConverter = (context) => {
  const { graph, layer } = context;
  const input = onlyInput(context);
  const key = Key.safeParse(layer.config.key).data;
  const [ofBatch, ...perAxis] = key ? spread(context, key, input.shape.length + 1) : [];
  if (!key || typeof ofBatch !== 'object' || !isWhole(ofBatch)) throw unsupported(layer);
  const last = perAxis.at(-1);
  if (typeof last === 'number' && input.shape.length === 3) {
    const channels = input.shape[2] ?? 0;
    const channel = last < 0 ? last + channels : last;
    const others = perAxis.slice(0, -1).every((each) => typeof each === 'object' && isWhole(each));
    if (others && channel >= 0 && channel < channels)
      return { name: input.name, shape: input.shape.slice(0, 2), channel };
  }
  const slices = perAxis.filter((each) => typeof each === 'object');
  if (slices.length !== perAxis.length) throw unsupported(layer, 'one place of an axis');
  return slices.reduce<Value>((value, slice, axis) => cut(graph, value, slice, axis), input);
};

/** With a whole slice for each axis that is not named. */
function spread({ layer }: LayerContext, key: Key, rank: number): (Slice | number)[] {
  const at = key.indexOf('...');
  const [before, after] = at < 0 ? [key, []] : [key.slice(0, at), key.slice(at + 1)];
  const left = rank - before.length - after.length;
  const named = [...before, ...after].filter((each) => each !== '...');
  if (left < 0 || named.length !== before.length + after.length) throw unsupported(layer);
  return named.toSpliced(before.length, 0, ...Array<Slice>(left).fill({}));
}

const isWhole = ({ start, stop, step }: Slice): boolean =>
  (start ?? 0) === 0 && (stop ?? null) === null && (step ?? 1) === 1;

/** Of one axis. Channels in another order are a Gather, by which the order of colours is told. */
function cut(graph: LayerContext['graph'], value: Value, slice: Slice, axis: number): Value {
  if (isWhole(slice)) return value;
  const places = placesOf(slice, value.shape[axis] ?? 0);
  const isPictures = value.shape.length === 3;
  const graphAxis = isPictures ? ([2, 3, 1][axis] ?? 1) : 1;
  const name = graph.node('Gather', [value.name, graph.list(places)], { axis: graphAxis });
  return { name, shape: value.shape.with(axis, places.length) };
}

/** As Python counts them. */
function placesOf({ start, stop, step }: Slice, size: number): number[] {
  const by = step ?? 1;
  const bound = (place: number): number =>
    Math.min(Math.max(place < 0 ? place + size : place, by < 0 ? -1 : 0), by < 0 ? size - 1 : size);
  const from = start === undefined || start === null ? (by < 0 ? size - 1 : 0) : bound(start);
  const to = stop === undefined || stop === null ? (by < 0 ? -1 : size) : bound(stop);
  const count = by === 0 ? 0 : Math.max(0, Math.ceil((to - from) / by));
  return Array.from({ length: count }, (_, n) => from + n * by);
}

/** Single channels put together again, in any order. */
export const stack: LayerConverter = (context) => {
  const { graph, inputs, layer } = context;
  const { axis } = configOf(context, z.object({ axis: z.int().default(0) }));
  const [first] = inputs;
  const channels = inputs.map(({ channel }) => channel).filter((channel) => channel !== undefined);
  if (!first || channels.length !== inputs.length || (axis !== -1 && axis !== 3))
    throw unsupported(layer, `values of [${first?.shape}] along axis ${axis}`);
  if (inputs.some(({ name }) => name !== first.name)) throw unsupported(layer, 'channels of several values');
  const name = graph.node('Gather', [first.name, graph.list(channels)], { axis: 1 });
  return { name, shape: [...first.shape, channels.length] };
};
