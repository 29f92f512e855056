import { RookeryError } from '@rookery/contracts';
import TinyQueue from 'tinyqueue';
import { desiredWorkers, noScalingYet } from '../policy/desired-workers.ts';
import { percentile } from './percentile.ts';
import { SimulatedFleet } from './simulated-fleet.ts';
import type { Sample, Simulation, SimulationResult } from './simulation.ts';

interface Event {
  readonly atMs: number;
  /** Keeps those of one moment in the order in which they were made. */
  readonly order: number;
  readonly happen: () => void;
}

const dayMs = 86_400_000;
/** Far beyond what anybody waits for; what is longer would only keep the simulator busy. */
const longestDays = 732;
const mostTasks = 20_000_000;

/**
 * Discrete events: arrivals, the end of each start and task, a decision each period. The same input gives the same result, on every machine.
 * A worker takes one task after another, oldest first; one that is let go finishes its task.
 *
 * @throws {RookeryError} USAGE where there are more than 20 million tasks, or they would take more than two years
 */
export function simulate(simulation: Simulation): SimulationResult {
  const { config, arrivals, picturesPerTask = 256, metricDelayMs = 60_000 } = simulation;
  const events = new TinyQueue<Event>([], (a, b) => a.atMs - b.atMs || a.order - b.order);
  let order = 0;
  let nowMs = 0;
  const at = (atMs: number, happen: () => void): void => events.push({ atMs, order: order++, happen });
  const fleet = new SimulatedFleet(simulation, { after: (ms, happen) => at(nowMs + ms, happen), now: () => nowMs });

  let pictures = 0;
  let left = arrivals.length;
  for (const arrival of arrivals)
    at(arrival.atMs, () => {
      left -= 1;
      pictures += arrival.pictures;
      for (let more = arrival.pictures; more > 0; more -= picturesPerTask)
        fleet.enqueue(Math.min(more, picturesPerTask));
    });

  const tasks = arrivals.reduce((total, arrival) => total + Math.ceil(arrival.pictures / picturesPerTask), 0);
  if (tasks > mostTasks) throw refused(`${tasks.toLocaleString('en-US')} tasks: at most 20 million are simulated`);
  const samples: Sample[] = [];
  // Of the sample that is decided on.
  let known = -1;
  let state = noScalingYet;
  const decide = (): void => {
    if (nowMs > longestDays * dayMs)
      throw refused('it would take this fleet more than two years: fewer pictures, a higher rate or more workers');
    for (let next = samples[known + 1]; next && next.atMs <= nowMs - metricDelayMs; next = samples[known + 1])
      known += 1;
    const seen = metricDelayMs === 0 ? fleet.counts() : samples[known];
    const { waiting, leased } = seen ?? { waiting: 0, leased: 0 };
    const decision = desiredWorkers(config, { nowMs, waiting, leased, workers: fleet.size }, state);
    state = decision.state;
    fleet.scaleTo(decision.desired);
    samples.push({ atMs: nowMs, ...fleet.counts() });
    // It ends when everything has come and is done, and the fleet is as small as it gets.
    if (left > 0 || fleet.isBusy || fleet.size > config.minWorkers) at(nowMs + config.periodMs, decide);
  };
  fleet.scaleTo(config.minWorkers);
  at(0, decide);
  for (let event = events.pop(); event; event = events.pop()) {
    nowMs = event.atMs;
    event.happen();
  }
  fleet.end();

  const waits = Float64Array.from(fleet.waitsMs).sort();
  const { workerMs, busyMs, mostWorkers, starts, lastResultMs } = fleet;
  return {
    pictures,
    tasks: waits.length,
    completionMs: Math.max(0, lastResultMs - (arrivals[0]?.atMs ?? 0)),
    waitMs: {
      p50: percentile(waits, 0.5),
      p95: percentile(waits, 0.95),
      p99: percentile(waits, 0.99),
      max: waits.at(-1) ?? 0,
    },
    workerMs,
    busyMs,
    mostWorkers,
    idleShare: workerMs === 0 ? 0 : 1 - busyMs / workerMs,
    starts,
    samples,
  };
}

const refused = (detail: string): RookeryError => new RookeryError('USAGE', { detail });
