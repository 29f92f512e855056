import { availableParallelism } from 'node:os';
import { RookeryError } from '@rookery/contracts';
import { paceOf, type Runnable } from '../compare/pace.ts';
import type { Sample } from '../sample.ts';
import type { PrunedGraph } from './cut-channels.ts';
import { channelPruner, type PruneOptions } from './prune-channels.ts';

export interface SpeedOptions extends Omit<PruneOptions, 'share'> {
  /** How many times as fast as the graph is now: over 1. */
  readonly speed: number;
  /** Of the graph as it is. */
  readonly sessionConfig?: Runnable['sessionConfig'];
  /** Default: all cores. */
  readonly threads?: number | undefined;
  /** For each candidate that is measured. Default: 3. */
  readonly seconds?: number | undefined;
}

export interface SpeedTry {
  /** Of the multiplications in layers that can lose channels, what was removed. */
  readonly share: number;
  /** Measured, in turn with the graph as it was. */
  readonly ratio: number;
}

export interface PrunedToSpeed extends PrunedGraph, SpeedTry {
  /** In the order in which they were measured. */
  readonly tried: readonly SpeedTry[];
}

/** In which speed is measured: what the classifier's batches are under load. */
export const speedBatch = 8;
const steps = 6;
/** Shares that are so near are not told apart by their pace. */
const nearlySame = 0.02;
/** Of the two graphs, however slow the machine is just then: fewer do not tell small differences. */
const fewestPairs = 15;
/** The last measurement takes so many times as long as the others. */
const surer = 2;

/**
 * Removes no more channels than a speed takes: the share is halved again and again by the measured pace of candidates, each in turn with the
 * graph as it was; the one that is kept is measured once more, longer, and gives way to the next larger one where it was luck.
 * @throws {RookeryError} USAGE where even the most that can go is not fast enough, with what was reached; MODEL_INVALID.
 */
export async function pruneToSpeed(graph: Uint8Array, pictures: Sample, options: SpeedOptions): Promise<PrunedToSpeed> {
  const { speed, sessionConfig, threads = availableParallelism(), seconds = 3, signal, tell } = options;
  const prune = await channelPruner(graph, pictures, options);
  const tried: SpeedTry[] = [];
  const measured = async (wanted: number, times = 1): Promise<PrunedToSpeed> => {
    const made = prune(wanted);
    const { before, after } = made.multiplications;
    const share = 1 - after / before;
    const lasting = { seconds: seconds * times, fewestRounds: fewestPairs * times };
    const pacing = { batches: [speedBatch], threads, ...lasting, signal };
    const [pace] = await paceOf({ graph, sessionConfig }, { graph: made.graph, sessionConfig }, pictures, pacing);
    const ratio = pace?.ratio ?? 1;
    tried.push({ share, ratio });
    tell?.(`${(share * 100).toFixed(1)} % of the multiplications removed: ${ratio.toFixed(2)} times as fast`);
    return { ...made, share, ratio, tried };
  };
  const most = await measured(1);
  if (most.ratio < speed) {
    const detail = `${speed} times as fast is out of reach: without all channels that may go it is ${most.ratio.toFixed(2)} times`;
    throw new RookeryError('USAGE', { detail });
  }
  let [tooLittle, fastest] = [0, most.share];
  const enough: PrunedToSpeed[] = [most];
  for (let step = 0; step < steps; step += 1) {
    const made = await measured((tooLittle + fastest) / 2);
    if (made.ratio >= speed) {
      fastest = made.share;
      enough.unshift(made);
    } else tooLittle = made.share;
  }
  for (let next = enough[0]; next; next = enough[0]) {
    const again = await measured(next.share, surer);
    if (again.ratio >= speed) return again;
    // It was luck: what lies between it and the next larger one may do.
    enough.shift();
    const [larger] = enough;
    if (larger && larger.share - next.share > nearlySame)
      enough.unshift(await measured((next.share + larger.share) / 2));
  }
  return most;
}
