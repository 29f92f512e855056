import { encodeTask, type RookeryError, type Task } from '@rookery/contracts';
import type { DeadLetter, DeadLetters } from '../task-queue.ts';
import type { MemoryChannel } from './memory-channel.ts';

export const reasonOf = ({ code, detail }: RookeryError): DeadLetter['reason'] => ({ code, detail: detail ?? '' });

export class MemoryDeadLetters implements DeadLetters {
  readonly #channel: MemoryChannel;

  constructor(channel: MemoryChannel) {
    this.#channel = channel;
  }

  async add(task: Task, reason: RookeryError): Promise<void> {
    this.#channel.bury(encodeTask(task), reasonOf(reason));
  }

  async list(limit: number): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (const letter of this.#channel.dead.values()) {
      if (letters.length >= limit) break;
      letters.push(letter);
    }
    return letters;
  }

  async read(id: string): Promise<DeadLetter | undefined> {
    return this.#channel.dead.get(id);
  }

  async redrive(ids?: readonly string[]): Promise<number> {
    const letters = this.#remove(ids);
    this.#channel.send(letters.map(({ message }) => message));
    return letters.length;
  }

  async purge(ids?: readonly string[]): Promise<number> {
    return this.#remove(ids).length;
  }

  #remove(ids?: readonly string[]): DeadLetter[] {
    const { dead } = this.#channel;
    return (ids ?? [...dead.keys()]).flatMap((id) => {
      const letter = dead.get(id);
      dead.delete(id);
      return letter === undefined ? [] : [letter];
    });
  }
}
