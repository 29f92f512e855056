import type { ChildProcess } from 'node:child_process';
import { desiredWorkers, noScalingYet, type ScalingConfig, type ScalingState } from '@rookery/autoscale';
import { pause } from '@rookery/contracts';
import type { Logger } from '@rookery/telemetry';

export interface LocalFleetOptions {
  readonly scaling: ScalingConfig;
  /** Of both queues together. */
  readonly depth: (signal: AbortSignal) => Promise<{ readonly waiting: number; readonly leased: number }>;
  /** Starts `rookery worker`. @param place From 0; no two running workers have the same. */
  readonly spawn: (place: number) => ChildProcess;
  /** How long a worker may take to end after SIGTERM, before it is killed. */
  readonly graceMs: number;
  readonly log: Logger;
}

interface Member {
  readonly place: number;
  readonly child: ChildProcess;
  readonly startedMs: number;
  leaving: boolean;
  readonly ended: Promise<void>;
}

/** A worker that ends sooner than this was not able to work at all. */
const failedStartMs = 10_000;
const longestWaitMs = 60_000;

/**
 * Worker processes on this machine, as many as the policy wants. One that dies is replaced, after ever longer pauses if they die at their start.
 * A worker that is no longer needed is told to stop, and finishes what it has.
 */
export class LocalFleet {
  readonly #options: LocalFleetOptions;
  readonly #members = new Set<Member>();
  #state: ScalingState = noScalingYet;
  #failedStarts = 0;
  #notBeforeMs = 0;

  constructor(options: LocalFleetOptions) {
    this.#options = options;
  }

  /** Workers that are to stay. */
  get size(): number {
    return this.#staying().length;
  }

  /** Decides once a period until the signal is aborted, then stops all workers. */
  async run(signal: AbortSignal): Promise<void> {
    const { scaling } = this.#options;
    while (!signal.aborted) {
      await this.#decide(signal);
      await pause(scaling.periodMs, signal);
    }
    for (const member of this.#members) this.#leave(member);
    await Promise.all([...this.#members].map(({ ended }) => ended));
  }

  async #decide(signal: AbortSignal): Promise<void> {
    const { scaling, depth, log } = this.#options;
    try {
      const nowMs = performance.now();
      const seen = { nowMs, ...(await depth(signal)), workers: this.size };
      const { desired, state, reason } = desiredWorkers(scaling, seen, this.#state);
      this.#state = state;
      const mayStart = nowMs >= this.#notBeforeMs;
      if (desired < seen.workers || (desired > seen.workers && mayStart))
        log.info({ ...seen, nowMs: undefined, desired, reason }, 'the fleet changes');
      for (let more = this.size; mayStart && more < desired; more++) this.#start();
      const youngestFirst = this.#staying().sort((a, b) => b.startedMs - a.startedMs);
      for (const member of youngestFirst.slice(0, Math.max(0, this.size - desired))) this.#leave(member);
    } catch (err) {
      // Nothing is known: the fleet stays as it is.
      if (!signal.aborted) log.warn({ err }, 'the queue does not say how much waits');
    }
  }

  #staying(): Member[] {
    return [...this.#members].filter(({ leaving }) => !leaving);
  }

  #freePlace(): number {
    const taken = new Set([...this.#members].map(({ place }) => place));
    let place = 0;
    while (taken.has(place)) place += 1;
    return place;
  }

  #start(): void {
    const { log } = this.#options;
    const place = this.#freePlace();
    const child = this.#options.spawn(place);
    const startedMs = performance.now();
    const ended = new Promise<void>((resolve) => {
      child.once('error', (err) => {
        log.error({ err }, 'a worker could not be started');
        resolve();
      });
      child.once('exit', () => resolve());
    });
    const member: Member = { place, child, startedMs, leaving: false, ended };
    this.#members.add(member);
    log.info({ pid: child.pid, workers: this.size }, 'worker started');
    void ended.then(() => this.#hasEnded(member));
  }

  #hasEnded(member: Member): void {
    const { log } = this.#options;
    const { child, startedMs, leaving } = member;
    this.#members.delete(member);
    const how = { pid: child.pid, exitCode: child.exitCode, by: child.signalCode, workers: this.size };
    if (leaving) {
      log.info(how, 'worker stopped');
      return;
    }
    const nowMs = performance.now();
    this.#failedStarts = nowMs - startedMs < failedStartMs ? this.#failedStarts + 1 : 0;
    const waitMs = this.#failedStarts === 0 ? 0 : Math.min(longestWaitMs, 500 * 2 ** Math.min(this.#failedStarts, 10));
    this.#notBeforeMs = nowMs + waitMs;
    // It was not let go: whoever replaces it needs no cooldown.
    this.#state = { ...this.#state, lastScaleOutMs: undefined };
    log.warn({ ...how, waitMs }, 'a worker ended by itself');
  }

  /** SIGTERM now, SIGKILL where that is not enough. */
  #leave(member: Member): void {
    if (member.leaving) return;
    member.leaving = true;
    member.child.kill('SIGTERM');
    const late = setTimeout(() => member.child.kill('SIGKILL'), this.#options.graceMs + 5_000);
    void member.ended.then(() => clearTimeout(late));
  }
}
