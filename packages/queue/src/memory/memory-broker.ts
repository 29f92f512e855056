import { MemoryChannel } from './memory-channel.ts';

/**
 * Queues in this process, by name: what a producer and a worker in one process share. Volatile on purpose: the store is
 * the truth, and after a restart reconciling fills the queue again.
 */
export class MemoryBroker {
  readonly #channels = new Map<string, MemoryChannel>();

  /** For adapters and tests. */
  channel(name: string): MemoryChannel {
    const channel = this.#channels.get(name) ?? new MemoryChannel();
    this.#channels.set(name, channel);
    return channel;
  }
}
