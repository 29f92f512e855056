import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import { asClassifier } from '../as-classifier.ts';
import type { Runnable } from '../compare/pace.ts';
import { feedOf, type Sample } from '../sample.ts';
import { openSession } from '../session.ts';
import { bytesPerSecond, type MachineRoof } from './machine-roof.ts';
import { operationsOf, weightsOf } from './operations.ts';
import { type OperatorEvent, readTrace } from './read-trace.ts';

/** One node of the graph as the runtime runs it, after its own optimisations. Of a whole batch. */
export interface NodeProfile {
  readonly node: string;
  readonly operator: string;
  /** Median milliseconds. */
  readonly ms: number;
  /** `undefined` for an operator whose work is not known. */
  readonly operations: number | undefined;
  /** Read and written. */
  readonly bytes: number;
  /** Milliseconds that this machine needs at least, by its roof: for the operations or for the bytes, whichever is more. */
  readonly leastMs: number;
}

export interface OperatorProfile {
  readonly batch: number;
  readonly threads: number;
  readonly runs: number;
  /** In the order in which they run. */
  readonly nodes: readonly NodeProfile[];
}

export interface ProfileOptions {
  readonly batch: number;
  readonly threads: number;
  readonly roof: MachineRoof;
  /** @default 3 */
  readonly seconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const fewestRuns = 5;
/** The first ones allocate. */
const warmUpRuns = 3;

/** Runs a graph under the runtime's own profiler. @throws {RookeryError} MODEL_INVALID, MODEL_OPERATOR_UNSUPPORTED */
export async function profileOperators(
  runnable: Runnable,
  sample: Sample,
  { batch, threads, roof, seconds = 3, signal }: ProfileOptions,
): Promise<OperatorProfile> {
  const until = performance.now() + seconds * 1000;
  const feed = await feedOf(sample, 0, batch);
  const enough = (runs: number): boolean => runs >= warmUpRuns + fewestRuns && performance.now() >= until;
  const timed = await trace(runnable, feed, { threads, config: {}, enough, signal });
  // Weights that were brought into another order have no shape in a trace: those of a run without that have.
  const config = { 'session.disable_prepacking': '1' };
  const shaped = await trace(runnable, feed, { threads, config, enough: (runs) => runs === 1, signal });
  return { batch, threads, runs: timed.runs - warmUpRuns, nodes: nodesOf(timed.events, shaped.events, roof) };
}

async function trace(
  { graph, sessionConfig }: Runnable,
  feed: Tensor,
  options: {
    readonly threads: number;
    readonly config: Readonly<Record<string, string>>;
    readonly enough: (runs: number) => boolean;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ readonly events: OperatorEvent[]; readonly runs: number }> {
  const { threads, enough, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'rookery-profile-'));
  try {
    const config = { ...asClassifier, ...sessionConfig, ...options.config };
    await using session = await openSession(graph, { threads, config, profile: join(folder, 'trace') });
    let runs = 0;
    for (; !enough(runs); runs++) {
      signal?.throwIfAborted();
      await session.run({ [session.inputs[0] ?? '']: feed });
    }
    session.endProfiling();
    const [file = ''] = await readdir(folder);
    return { events: readTrace(await readFile(join(folder, file), 'utf8')), runs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function nodesOf(timed: readonly OperatorEvent[], shaped: readonly OperatorEvent[], roof: MachineRoof): NodeProfile[] {
  const shapes = new Map(shaped.map((event) => [event.node, event]));
  return [...group(timed)].flatMap(([node, each]) => {
    const event = shapes.get(node) ?? each[0];
    if (!event) return [];
    const times = each.slice(warmUpRuns).map(({ microseconds }) => microseconds);
    const ms = (times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0) / 1000;
    const operations = operationsOf(event);
    const perSecond = event.inputs[0]?.type.endsWith('int8') ? roof.int8PerSecond : roof.float32PerSecond;
    const leastMs = 1000 * Math.max((operations ?? 0) / perSecond, event.bytes / bytesPerSecond(roof, event.bytes));
    return { node, operator: nameOf(event), ms, operations, bytes: event.bytes, leastMs };
  });
}

/** Convolutions of one channel each are another kind of work: hardly any operations for the bytes they touch. */
function nameOf({ operator, inputs }: OperatorEvent): string {
  const [filters = 1, channels] = weightsOf(inputs)?.dims ?? [];
  return operator.includes('Conv') && channels === 1 && filters > 1 ? `${operator}, depthwise` : operator;
}

function group(events: readonly OperatorEvent[]): Map<string, OperatorEvent[]> {
  const groups = new Map<string, OperatorEvent[]>();
  for (const event of events) groups.set(event.node, [...(groups.get(event.node) ?? []), event]);
  return groups;
}
