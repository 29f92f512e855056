import { encodeTask, RookeryError, type Task, throwIfAborted } from '@rookery/contracts';
import { deliver } from '../delivery.ts';
import type { MemoryQueueOptions } from '../options.ts';
import type { Delivery, QueueDepth, ReceiveOptions, TaskQueue } from '../task-queue.ts';
import { MemoryBroker } from './memory-broker.ts';
import type { HeldEntry, MemoryChannel } from './memory-channel.ts';
import { MemoryDeadLetters, reasonOf } from './memory-dead-letters.ts';

export const openMemoryQueue = (options: MemoryQueueOptions): TaskQueue => new MemoryQueue(options);

class MemoryQueue implements TaskQueue {
  readonly name: string;
  readonly leaseMs: number;
  readonly dead: MemoryDeadLetters;
  readonly #channel: MemoryChannel;
  readonly #close: () => void;
  readonly #closing = new AbortController();

  constructor({ name, leaseMs, broker = new MemoryBroker() }: MemoryQueueOptions) {
    this.name = name;
    this.leaseMs = leaseMs;
    this.#channel = broker.channel(name);
    this.#close = this.#channel.open();
    this.dead = new MemoryDeadLetters(this.#channel);
  }

  async send(tasks: readonly Task[], signal?: AbortSignal): Promise<void> {
    const messages = tasks.map(encodeTask);
    throwIfAborted(signal);
    if (this.#closing.signal.aborted) {
      throw new RookeryError('QUEUE_UNAVAILABLE', { detail: 'the queue was closed', retryable: false });
    }
    this.#channel.send(messages);
  }

  async receive(max: number, { waitMs, signal }: ReceiveOptions): Promise<Delivery[]> {
    const closing = this.#closing.signal;
    if (closing.aborted || signal?.aborted || max < 1) return [];
    const taken = this.#channel.take(max, this.leaseMs);
    if (taken.length > 0 || waitMs <= 0) return taken.map((held) => this.#deliver(held));
    return new Promise((resolve) => {
      const end = (held: HeldEntry[]): void => {
        withdraw();
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        closing.removeEventListener('abort', giveUp);
        resolve(held.map((one) => this.#deliver(one)));
      };
      const giveUp = (): void => end([]);
      const timer = setTimeout(giveUp, waitMs);
      signal?.addEventListener('abort', giveUp);
      closing.addEventListener('abort', giveUp);
      const withdraw = this.#channel.wait({ max, leaseMs: this.leaseMs, serve: end });
    });
  }

  async depth(): Promise<QueueDepth> {
    return this.#channel.depth();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#close();
  }

  #deliver(held: HeldEntry): Delivery {
    const { message, attempts, sentAt } = held.entry;
    const channel = this.#channel;
    return deliver(
      { message, attempt: attempts, sentAt },
      {
        extend: async () => {
          if (!channel.extend(held)) throw new RookeryError('LEASE_LOST', { detail: this.name });
        },
        ack: async () => void channel.release(held),
        retry: async (delayMs) => channel.retry(held, delayMs),
        bury: async (reason) => {
          if (channel.release(held)) channel.bury(message, reasonOf(reason));
        },
      },
    );
  }
}
