import type { DeadLetter, QueueDepth } from '../task-queue.ts';
import { DueHeap } from './due-heap.ts';
import { Fifo } from './fifo.ts';

export interface Entry {
  readonly message: string;
  readonly sentAt: number;
  attempts: number;
}

export interface HeldEntry {
  readonly entry: Entry;
  readonly leaseMs: number;
  expiresMs: number;
}

interface Waiter {
  readonly max: number;
  readonly leaseMs: number;
  readonly serve: (held: HeldEntry[]) => void;
}

/** Longest delay that a timer of Node can hold. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * One queue of a broker. Every step takes constant time, delays O(log n). Time is monotonic: leases and delays do not
 * notice when somebody sets the clock. Its timer keeps no process alive.
 */
export class MemoryChannel {
  readonly dead = new Map<string, DeadLetter>();
  readonly #ready = new Fifo<Entry>();
  readonly #delayed = new DueHeap<Entry>();
  /** By length of lease, in the order in which they run out. */
  readonly #leases = new Map<number, Set<HeldEntry>>();
  readonly #waiters = new Set<Waiter>();
  #users = 0;
  #deadCount = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Number.POSITIVE_INFINITY;

  /** Somebody has the channel open: its timer runs until all have closed it. */
  open(): () => void {
    this.#users += 1;
    this.#arm();
    return () => {
      this.#users -= 1;
      if (this.#users === 0) this.#disarm();
    };
  }

  send(messages: readonly string[]): void {
    const sentAt = Date.now();
    for (const message of messages) this.#ready.push({ message, sentAt, attempts: 0 });
    this.#serve();
  }

  /** Takes what is there, at most `max`. */
  take(max: number, leaseMs: number): HeldEntry[] {
    this.#expire();
    return this.#lease(max, leaseMs);
  }

  /** For when there is nothing to take: calls `serve` once, with at least one entry. The function returned withdraws it. */
  wait(waiter: Waiter): () => void {
    this.#waiters.add(waiter);
    return () => void this.#waiters.delete(waiter);
  }

  /** False where the lease was gone already. */
  release(held: HeldEntry): boolean {
    this.#expire();
    return this.#leases.get(held.leaseMs)?.delete(held) ?? false;
  }

  extend(held: HeldEntry): boolean {
    if (!this.release(held)) return false;
    this.#hold(held);
    return true;
  }

  retry(held: HeldEntry, delayMs: number): void {
    if (!this.release(held)) return;
    if (delayMs === 0) this.#ready.pushFront(held.entry);
    else this.#delayed.push(held.entry, performance.now() + delayMs);
    this.#serve();
    this.#arm();
  }

  bury(message: string, reason: DeadLetter['reason']): void {
    this.#deadCount += 1;
    const id = String(this.#deadCount);
    this.dead.set(id, { id, message, reason, buriedAt: Date.now() });
  }

  depth(): QueueDepth {
    this.#expire();
    let leased = 0;
    for (const leases of this.#leases.values()) leased += leases.size;
    const { first, size: ready } = this.#ready;
    const oldestMs = first && Math.max(0, Date.now() - first.sentAt);
    return { ready, delayed: this.#delayed.size, leased, dead: this.dead.size, oldestMs };
  }

  #lease(max: number, leaseMs: number): HeldEntry[] {
    const taken: HeldEntry[] = [];
    while (taken.length < max) {
      const entry = this.#ready.shift();
      if (entry === undefined) break;
      entry.attempts += 1;
      const held = { entry, leaseMs, expiresMs: 0 };
      this.#hold(held);
      taken.push(held);
    }
    return taken;
  }

  #hold(held: HeldEntry): void {
    held.expiresMs = performance.now() + held.leaseMs;
    const leases = this.#leases.get(held.leaseMs) ?? new Set();
    leases.add(held);
    this.#leases.set(held.leaseMs, leases);
    if (held.expiresMs < this.#timerMs) this.#arm();
  }

  #serve(): void {
    for (const waiter of this.#waiters) {
      if (this.#ready.size === 0) return;
      this.#waiters.delete(waiter);
      waiter.serve(this.#lease(waiter.max, waiter.leaseMs));
    }
  }

  /** Leases that ran out go to the front, the oldest first: they have waited longest. */
  #expire(): void {
    const nowMs = performance.now();
    const expired: HeldEntry[] = [];
    for (const leases of this.#leases.values()) {
      for (const held of leases) {
        if (held.expiresMs > nowMs) break;
        leases.delete(held);
        expired.push(held);
      }
    }
    for (const { entry } of expired.reverse()) this.#ready.pushFront(entry);
    for (let entry = this.#delayed.take(nowMs); entry !== undefined; entry = this.#delayed.take(nowMs)) {
      this.#ready.push(entry);
    }
  }

  #arm(): void {
    if (this.#users === 0) return;
    let nextMs = this.#delayed.nextMs ?? Number.POSITIVE_INFINITY;
    for (const leases of this.#leases.values()) {
      for (const held of leases) {
        nextMs = Math.min(nextMs, held.expiresMs);
        break;
      }
    }
    this.#disarm();
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.#timerMs = nextMs;
    this.#timer = setTimeout(
      () => {
        this.#expire();
        this.#serve();
        this.#arm();
      },
      Math.min(longestTimerMs, Math.max(0, Math.ceil(nextMs - performance.now()))),
    ).unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerMs = Number.POSITIVE_INFINITY;
  }
}
