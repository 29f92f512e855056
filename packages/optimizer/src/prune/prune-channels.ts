import { RookeryError } from '@rookery/contracts';
import { decodeModel } from '../onnx/codec.ts';
import { constantsOf } from '../onnx/graph-view.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import type { Sample } from '../sample.ts';
import { eachPicture } from '../watch-values.ts';
import { channelGroups, obstacles } from './channel-groups.ts';
import { chooseCounts } from './choose-counts.ts';
import { cutChannels, type PrunedGraph } from './cut-channels.ts';
import { secondMoments } from './second-moments.ts';
import { study, whyNone } from './study-groups.ts';

export interface PruneOptions {
  /** Share of the multiplications in layers that can lose channels which is to go: more than 0, less than 1. */
  readonly share: number;
  readonly signal?: AbortSignal | undefined;
  readonly tell?: ((text: string) => void) | undefined;
}

/** Removes this share of the multiplications; each time from the graph as it was. */
export type ChannelPruner = (share: number) => PrunedGraph;

/**
 * Structured pruning: whole channels go, first those that cost the results least for the multiplications they save, and what remains makes
 * up for them by least squares over the calibration pictures. Channels that are always 0, or always what others already say, cost nothing and go first.
 * @throws {RookeryError} MODEL_INVALID where no layer's channels can go.
 */
export async function pruneChannels(graph: Uint8Array, pictures: Sample, options: PruneOptions): Promise<PrunedGraph> {
  const prune = await channelPruner(graph, pictures, options);
  options.tell?.('removing channels');
  return prune(options.share);
}

/** Looks at the pictures once, for several shares. @throws {RookeryError} MODEL_INVALID where no layer's channels can go. */
export async function channelPruner(
  graph: Uint8Array,
  pictures: Sample,
  { signal, tell }: Omit<PruneOptions, 'share'>,
): Promise<ChannelPruner> {
  const model = decodeModel(graph);
  const groups = channelGroups(model.graph);
  if (groups.length === 0)
    throw nothingToPrune(
      `what each convolution makes is added to other values, read by several layers, or treated over all channels at once (${obstacles(model.graph)})`,
    );
  tell?.(`looking at the channels of ${groups.length} groups of layers with ${pictures.count} pictures`);
  const names = groups.flatMap(({ maker, reader }) => [
    maker.output[0] ?? '',
    reader.input[0] ?? '',
    reader.output[0] ?? '',
  ]);
  const moments = await secondMoments(
    model,
    groups.map(({ reader }) => reader.input[0] ?? ''),
    pictures,
    signal,
  );
  const places = await countPlaces(model, names, pictures, signal);
  const constants = constantsOf(model.graph);
  const studied = groups.map((group) => {
    signal?.throwIfAborted();
    return study(group, moments.get(group.reader.input[0] ?? ''), constants, places);
  });
  if (studied.every(({ removals }) => removals.length === 0))
    throw nothingToPrune(whyNone(studied, moments, pictures.count));
  return (share) => cutChannels(graph, studied, chooseCounts(studied, share), signal);
}

const nothingToPrune = (detail: string): RookeryError =>
  new RookeryError('MODEL_INVALID', { detail: `no layer has channels that can go: ${detail}` });

/** At how many places of a picture each of these values has its channels. */
async function countPlaces(
  model: ModelMessage,
  names: readonly string[],
  pictures: Sample,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  await eachPicture(model, names, { ...pictures, count: 1 }, signal, (name, { dims }, data) => {
    places.set(name, data.length / (dims[1] ?? 1));
  });
  return places;
}
