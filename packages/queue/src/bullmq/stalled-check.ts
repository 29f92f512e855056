import type { RedisQueueBackend } from 'bullmq';
import { stalledCheckMs } from './backend.ts';
import type { RedisLink } from './redis-link.ts';

/**
 * Brings lost leases back: jobs that are active and have no lock go to the front of the queue. Every worker runs it, Redis
 * lets one through at a time. BullMQ's own worker starts this by itself only when it also fetches by itself.
 */
export class StalledCheck {
  readonly #link: RedisLink;
  readonly #backend: RedisQueueBackend;
  readonly #leaseMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(link: RedisLink, backend: RedisQueueBackend, leaseMs: number) {
    this.#link = link;
    this.#backend = backend;
    this.#leaseMs = leaseMs;
  }

  start(): void {
    this.#check();
    this.#timer = setInterval(() => this.#check(), stalledCheckMs(this.#leaseMs)).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One that fails is made up for by the next. */
  #check(): void {
    this.#link.call('looking for lost leases', () => this.#backend.moveStalledJobsToWait()).catch(() => undefined);
  }
}
