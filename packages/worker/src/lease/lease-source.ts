import type { Delivery, TaskQueue } from '@rookery/queue';
import type { Logger } from '@rookery/telemetry';
import { backoffMs, pause } from '../task/backoff.ts';
import { LeaseKeeper } from './lease-keeper.ts';

/** Leases from events for one from jobs while both have work. */
const eventsPerJob = 4;
const longPollMs = 20_000;
/** What a long poll may bring while the other queue is being worked on: little, since it comes on top. */
const longPollTasks = 4;
const shortestPollMs = 20;

/** A task from one of the two queues, its lease kept until `free` is called. */
export interface Leased {
  readonly delivery: Delivery;
  readonly from: 'events' | 'jobs';
  readonly free: () => void;
}

export interface LeaseSourceOptions {
  readonly queues: { readonly events: TaskQueue; readonly jobs: TaskQueue };
  readonly log: Logger;
  readonly onLost: () => void;
  /** Ends all waiting; what arrives afterwards is given back. */
  readonly signal: AbortSignal;
}

/**
 * Two queues as one. While both have work, four leases come from events for one from jobs, so that a million-picture job does not hold
 * up ten pictures. An empty queue is asked by one long poll that stays open while the other is worked on: neither is polled in vain.
 */
export class LeaseSource implements Disposable {
  readonly #events: Lane;
  readonly #jobs: Lane;
  readonly #signal: AbortSignal;
  #eventsInARow = 0;
  #resume: () => void = () => undefined;

  constructor(options: LeaseSourceOptions) {
    this.#signal = options.signal;
    this.#events = new Lane('events', options.queues.events, options, () => this.#resume());
    this.#jobs = new Lane('jobs', options.queues.jobs, options, () => this.#resume());
  }

  /** Tasks whose lease is kept. */
  get held(): number {
    return this.#events.keeper.size + this.#jobs.keeper.size;
  }

  /** Leases up to so many tasks of either queue, waiting for the first as long as it takes. `[]` once the signal is aborted. */
  async take(max: { events: number; jobs: number }): Promise<Leased[]> {
    while (!this.#signal.aborted) {
      const jobsTurn = this.#eventsInARow >= eventsPerJob;
      for (const lane of jobsTurn ? [this.#jobs, this.#events] : [this.#events, this.#jobs]) {
        const other = lane === this.#events ? this.#jobs : this.#events;
        const fair = other.isEmpty ? max[lane.name] : lane === this.#jobs ? 1 : eventsPerJob - this.#eventsInARow;
        const leased = await lane.now(Math.max(1, Math.min(max[lane.name], fair)));
        if (leased.length === 0) {
          // From here on it is known to be empty until the poll says otherwise.
          lane.poll(max[lane.name]);
          continue;
        }
        this.#eventsInARow = lane === this.#jobs ? 0 : Math.min(eventsPerJob, this.#eventsInARow + leased.length);
        return leased;
      }
      if (!this.#events.isEmpty || !this.#jobs.isEmpty || this.#signal.aborted) continue;
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    return [];
  }

  /** Gives back what was leased and not taken. Resolves once no poll is open any more. */
  async drain(): Promise<void> {
    await Promise.all([this.#events.drain(), this.#jobs.drain()]);
  }

  [Symbol.dispose](): void {
    this.#events.keeper[Symbol.dispose]();
    this.#jobs.keeper[Symbol.dispose]();
  }
}

/** One of the two queues. */
class Lane {
  readonly name: 'events' | 'jobs';
  readonly keeper: LeaseKeeper;
  readonly #queue: TaskQueue;
  readonly #options: LeaseSourceOptions;
  #arrived: Leased[] = [];
  #poll: Promise<void> | undefined;
  #failures = 0;

  /** Called when a poll has ended, whatever it brought. */
  readonly #wake: () => void;

  constructor(name: 'events' | 'jobs', queue: TaskQueue, options: LeaseSourceOptions, wake: () => void) {
    this.#wake = wake;
    this.name = name;
    this.#queue = queue;
    this.#options = options;
    this.keeper = new LeaseKeeper({ leaseMs: queue.leaseMs, log: options.log, onLost: options.onLost });
  }

  /** As far as is known: a poll is open and has brought nothing yet. */
  get isEmpty(): boolean {
    return this.#poll !== undefined && this.#arrived.length === 0;
  }

  /** What is there, without waiting. */
  async now(max: number): Promise<Leased[]> {
    if (this.#arrived.length > 0) return this.#arrived.splice(0, max);
    if (this.#poll !== undefined) return [];
    const leased = await this.#receive(max, 0);
    if (this.#failures > 0) this.#poll = this.#recover();
    return leased;
  }

  /** Opens a long poll unless one is open. */
  poll(max: number): void {
    this.#poll ??= this.#longPoll(max).then((leased) => {
      this.#arrived.push(...leased);
      this.#poll = undefined;
      this.#wake();
    });
  }

  /** One that comes back at once with nothing, as from a queue that was closed, is not asked again at once. */
  async #longPoll(max: number): Promise<Leased[]> {
    const { signal } = this.#options;
    const startedAt = performance.now();
    const leased = await this.#receive(Math.min(max, longPollTasks), longPollMs);
    if (leased.length === 0 && performance.now() - startedAt < shortestPollMs)
      await pause(shortestPollMs, signal).catch(() => undefined);
    return leased;
  }

  async #receive(max: number, waitMs: number): Promise<Leased[]> {
    const { log, signal } = this.#options;
    try {
      const deliveries = await this.#queue.receive(max, { waitMs, signal });
      this.#failures = 0;
      return deliveries.map((delivery) => {
        const held = this.keeper.hold(delivery);
        return { delivery, from: this.name, free: () => held[Symbol.dispose]() };
      });
    } catch (err) {
      if (signal.aborted) return [];
      this.#failures += 1;
      log.warn({ err, queue: this.#queue.name, failures: this.#failures }, 'queue does not answer');
      if (waitMs > 0) await this.#recover();
      return [];
    }
  }

  /** Counts as a poll that brings nothing, so that the other queue is not held up. */
  async #recover(): Promise<void> {
    await pause(backoffMs(this.#failures, 200, 5_000), this.#options.signal).catch(() => undefined);
    this.#poll = undefined;
    this.#wake();
  }

  async drain(): Promise<void> {
    await this.#poll;
    const left = this.#arrived.splice(0);
    await Promise.all(
      left.map(async ({ delivery, free }) => {
        free();
        await delivery.retry(0).catch((err: unknown) => this.#options.log.warn({ err }, 'could not give a task back'));
      }),
    );
  }
}
