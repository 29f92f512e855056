import { availableParallelism } from 'node:os';
import { scoresOf } from '../compare/scores.ts';
import type { Sample } from '../sample.ts';

type SessionConfig = Readonly<Record<string, string>>;

/** Else the runtime would give layers that are meant to stay in float32 bytes of its own, with one scale for all channels. */
export const asWritten: SessionConfig = { 'optimization.disable_specified_optimizers': 'WeightBiasQuantization' };

/** The fastest kernels of processors without VNNI, which cut sums of two products that do not fit into 16 bits. */
const fastKernels: SessionConfig = { 'session.x64quantprecision': '0' };

/** Weights are chosen so that every sum fits: the fastest kernels, where they really give the very numbers of the exact ones. */
export async function fastestExact(graph: Uint8Array, sample: Sample): Promise<SessionConfig> {
  const fastest = { ...asWritten, ...fastKernels };
  const threads = availableParallelism();
  const fast = await scoresOf(graph, sample, { threads, config: fastest });
  const exact = await scoresOf(graph, sample, { threads, config: asWritten });
  return fast.values.every((score, at) => Object.is(score, exact.values[at])) ? fastest : asWritten;
}
