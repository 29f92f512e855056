import { pinDigest, type ResultLine, RookeryError, type Task, type TaskItem } from '@rookery/contracts';
import { findLabel, writeLabel } from '@rookery/jobs';
import type { DeadLetters } from '@rookery/queue';
import type { ObjectStore } from '@rookery/storage';
import { Budget } from '../budget.ts';
import type { Bucket } from '../picture/fetcher.ts';
import type { StoreGuard } from '../store-guard.ts';
import type { Work } from './work.ts';

/** Labels written or looked at at the same time, by all tasks. */
const requests = 32;

export interface EventWorksOptions {
  readonly store: ObjectStore;
  readonly guard: StoreGuard;
  /** Of writing: a store that is full still answers. */
  readonly writes: StoreGuard;
  /** Of the events' queue: for a picture whose label no store can hold. */
  readonly dead: DeadLetters;
  readonly tag: boolean;
  /** What becomes of the label of a picture that is gone. */
  readonly onRemoved: 'delete' | 'keep';
}

/**
 * What the tasks of bucket events ask for: one label an object, of the picture as it is now. An event names a state that may be gone by
 * the time it is worked on, so its etag is no condition; a picture that changes while it is labelled is labelled again.
 */
export class EventWorks {
  readonly #options: EventWorksOptions;
  readonly #places = new Budget(requests);

  constructor(options: EventWorksOptions) {
    this.#options = options;
  }

  /** `undefined` where nothing is left to do: every label is there, of the picture that the event names and by this pin. */
  async open(task: Task, bucket: Bucket, mayBeDone: boolean, signal: AbortSignal): Promise<Work | undefined> {
    const items = task.items ?? [];
    const done = mayBeDone ? await this.#each(items, signal, (item) => this.#isDone(task, item, signal)) : [];
    const left = items.filter((_item, index) => done[index] !== true);
    if (left.length === 0) return undefined;
    return {
      items: left.map(({ key }) => ({ key })),
      tag: this.#options.tag,
      finish: async (lines, again) =>
        (await this.#each(lines, again, (line) => this.#write(task, line, bucket, again))).flat(),
      isDone: (line, again) => this.#isDone(task, line, again),
    };
  }

  async #isDone(task: Task, item: TaskItem | ResultLine, signal: AbortSignal): Promise<boolean> {
    if (item.etag == null) return false;
    const { store, guard } = this.#options;
    const label = await guard
      .run(() => findLabel(store, task.bucket, item.key, signal), signal)
      .catch((thrown: unknown) => (isImpossible(thrown) ? undefined : Promise.reject(thrown)));
    return label !== undefined && label.etag === item.etag && label.model === pinDigest(task.pin);
  }

  /** Resolves to what must be labelled again. */
  async #write(task: Task, line: ResultLine, bucket: Bucket, signal: AbortSignal): Promise<TaskItem[]> {
    const { store, writes, dead, onRemoved } = this.#options;
    if (line.error?.code === 'SOURCE_NOT_FOUND' && onRemoved === 'keep') return [];
    const place = { store, pictures: bucket.store, bucket: task.bucket, keepRemoved: onRemoved === 'keep' };
    try {
      const outcome = await writes.run(() => writeLabel(place, line, signal), signal);
      return outcome === 'overtaken' ? [{ key: line.key }] : [];
    } catch (thrown) {
      // Its neighbours must not wait for what can never be: in a folder a label's name may be another's folder.
      if (!isImpossible(thrown)) throw thrown;
      await dead.add({ ...task, items: [{ key: line.key }] }, thrown);
      return [];
    }
  }

  async #each<A, B>(all: readonly A[], signal: AbortSignal, one: (each: A) => Promise<B>): Promise<B[]> {
    const settled = await Promise.allSettled(
      all.map(async (each) => {
        using _place = await this.#places.acquire(1, signal);
        return await one(each);
      }),
    );
    return settled.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
  }
}

const isImpossible = (thrown: unknown): thrown is RookeryError =>
  thrown instanceof RookeryError && thrown.code === 'KEY_INVALID';
