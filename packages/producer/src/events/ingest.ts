import { createHash } from 'node:crypto';
import {
  asRookeryError,
  type Pin,
  pause,
  type RookeryError,
  type SourceFilter,
  type Task,
  type TaskItem,
} from '@rookery/contracts';
import { forEachParallel, ownKeys, removeLabel } from '@rookery/jobs';
import type { TaskQueue } from '@rookery/queue';
import type { ObjectStore } from '@rookery/storage';
import { type Logger, noTracer, type Tracer } from '@rookery/telemetry';
import { sendingTo } from '../feed/sending-to.ts';
import { createFilter, pictureSuffixes } from '../plan/filter.ts';
import type { OpenBucket } from '../plan/open-source.ts';
import type { BucketEvent } from './bucket-event.ts';
import { EventGatherer, type Gathered } from './event-gatherer.ts';
import type { EventMessage, EventSource } from './event-source.ts';
import { eventTasks } from './event-tasks.ts';

export interface IngestOptions {
  readonly source: EventSource;
  /** Rookery's own store: labels, and what was refused. */
  readonly store: ObjectStore;
  /** Opens the buckets that events may name. */
  readonly open: OpenBucket;
  /** `<name>-events`. */
  readonly queue: TaskQueue;
  /** What a key's picture is labelled with, as of now. */
  readonly pinFor: (key: string) => Pin;
  readonly top: number;
  /** Which keys become work; by default those that end as pictures do. Sizes and dates are not asked for. */
  readonly filter?: Pick<SourceFilter, 'suffixes' | 'glob' | 'sample'> | undefined;
  /** Whether the label of a removed picture goes, too. */
  readonly onRemoved?: 'delete' | 'keep' | undefined;
  readonly tracer?: Tracer | undefined;
  readonly log: Logger;
}

/** Counts since the start. */
export interface IngestStats {
  readonly messages: number;
  readonly pictures: number;
  readonly tasks: number;
  readonly removed: number;
  /** Events of keys that are no pictures or Rookery's own. */
  readonly ignored: number;
  /** Messages or records that are no events, or name a bucket that may not be read. */
  readonly refused: number;
}

const gather = { maxPictures: 64, maxWaitMs: 200 } as const;
const receivers = 4;
/** Gathered and not yet enqueued; then nothing more is received. */
const maxUnderWay = 16;
const retryMs = 1_000;
const refusedFolder = 'jobs/.events/refused/';

/**
 * Turns bucket events into tasks, as a service. An event is forgotten only after its tasks are enqueued (or its label is deleted): killed
 * at any instant, the events come again. What cannot be read is set aside with its reason below `jobs/.events/refused/` and blocks
 * nothing. Keys under Rookery's own prefix never become work.
 */
export class Ingest implements AsyncDisposable {
  readonly #abort = new AbortController();
  readonly #gatherer: EventGatherer;
  readonly #underWay = new Set<Promise<void>>();
  readonly #accepts = new Map<string, (key: string) => boolean>();
  readonly #stats = { messages: 0, pictures: 0, tasks: 0, removed: 0, ignored: 0, refused: 0 };
  #loops: Promise<unknown> | undefined;

  constructor(private readonly options: IngestOptions) {
    this.#gatherer = new EventGatherer({ ...gather, onFull: (gathered) => this.#track(this.#enqueue(gathered)) });
  }

  get stats(): IngestStats {
    return this.#stats;
  }

  start(): void {
    this.#loops ??= Promise.all(Array.from({ length: receivers }, () => this.#receive()));
  }

  /** Stops receiving, enqueues what is gathered. What cannot be enqueued any more is given back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort(new DOMException('ingest is stopped', 'AbortError'));
    await this.#loops;
    this.#gatherer.flush();
    await Promise.all(this.#underWay);
  }

  async #receive(): Promise<void> {
    const { source, log } = this.options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        while (this.#underWay.size >= maxUnderWay) await Promise.race(this.#underWay);
        for (const message of await source.receive(signal)) await this.#accept(message);
      } catch (cause) {
        if (signal.aborted) return;
        log.warn({ err: asRookeryError(cause) }, 'events could not be received; trying again');
        await pause(retryMs, signal);
      }
    }
  }

  async #accept(message: EventMessage): Promise<void> {
    this.#stats.messages++;
    try {
      const { events, malformed } = message.parse();
      for (const reason of malformed) await this.#refuse(message, reason);
      const work: BucketEvent[] = [];
      for (const event of events) if (await this.#isWork(message, event)) work.push(event);
      this.#gatherer.add(message, work);
    } catch (cause) {
      this.options.log.warn({ err: asRookeryError(cause) }, 'an event could not be looked at; it comes again');
      await this.options.source.again([message]).catch(() => {});
    }
  }

  async #isWork(message: EventMessage, { bucket, key }: BucketEvent): Promise<boolean> {
    let accepts = this.#accepts.get(bucket);
    if (!accepts) {
      try {
        await this.options.open(bucket);
      } catch (cause) {
        const reason = asRookeryError(cause);
        if (reason.retryable) throw reason;
        await this.#refuse(message, reason);
        return false;
      }
      const filter = { suffixes: [...pictureSuffixes], ...this.options.filter };
      const isOwn = ownKeys(this.options.store.location, bucket);
      const keep = createFilter(filter, { prefix: '', isOwn });
      accepts = (name) => keep({ item: { key: name }, next: {} });
      this.#accepts.set(bucket, accepts);
    }
    const isWork = accepts(key);
    if (!isWork) this.#stats.ignored++;
    return isWork;
  }

  async #refuse(message: EventMessage, reason: RookeryError): Promise<void> {
    const { store, log } = this.options;
    this.#stats.refused++;
    const name = createHash('sha256').update(message.text).update(reason.code).digest('hex').slice(0, 32);
    const refused = { reason: { code: reason.code, detail: reason.detail ?? '' }, message: message.text };
    await store.put(`${refusedFolder}${name}.json`, JSON.stringify(refused), {
      ifAbsent: true,
      contentType: 'application/json',
    });
    log.warn({ id: message.id, code: reason.code, detail: reason.detail }, 'an event was refused');
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  /** Never throws: what fails is given back. */
  async #enqueue({ events, messages }: Gathered): Promise<void> {
    const { source, queue, pinFor, top, log, tracer = noTracer, onRemoved = 'delete' } = this.options;
    // A bucket's event names no trace: one begins here.
    const span = tracer.start(`send ${queue.name}`, { kind: 'producer' });
    const { traceparent, traceId } = span;
    try {
      const byPlace = new Map<string, Map<Pin, TaskItem[]>>();
      const add = (bucket: string, item: TaskItem): void => {
        const byPin = byPlace.get(bucket) ?? new Map<Pin, TaskItem[]>();
        byPlace.set(bucket, byPin);
        const pin = pinFor(item.key);
        byPin.set(pin, [...(byPin.get(pin) ?? []), item]);
      };
      const removals = events.filter(({ kind }) => kind === 'removed');
      for (const { kind, bucket, key, etag } of events)
        if (kind === 'created') add(bucket, etag ? { key, etag } : { key });
      if (onRemoved === 'delete')
        await forEachParallel(removals, 16, async ({ bucket, key }) => {
          // A creation that came in between has been labelled, or would be lost with its label: it is looked at again.
          if ((await this.#remove(bucket, key)) === 'present') add(bucket, { key });
          else this.#stats.removed++;
        });
      const tasks: Task[] = [...byPlace].flatMap(([bucket, byPin]) =>
        [...byPin].flatMap(([pin, items]) => eventTasks(bucket, items, { pin, top, traceparent })),
      );
      if (tasks.length > 0) await queue.send(tasks);
      this.#stats.tasks += tasks.length;
      const pictures = tasks.reduce((sum, { items = [] }) => sum + items.length, 0);
      this.#stats.pictures += pictures;
      span.set({
        ...sendingTo(queue.name, tasks.length),
        'rookery.events': events.length,
        'rookery.pictures': pictures,
        'rookery.removed': removals.length,
      });
    } catch (cause) {
      const err = asRookeryError(cause);
      span.fail(err.code);
      log.warn({ err, trace_id: traceId }, 'events could not be enqueued; they come again');
      await pause(retryMs, this.#abort.signal);
      return source.again(messages).catch(() => {});
    } finally {
      span.end();
    }
    await source.done(messages).catch((cause) => {
      log.warn(
        { err: asRookeryError(cause), trace_id: traceId },
        'events were enqueued but not forgotten; they are enqueued again',
      );
    });
  }

  async #remove(bucket: string, key: string): Promise<'removed' | 'present'> {
    const pictures = await this.options.open(bucket);
    return removeLabel({ store: this.options.store, pictures, bucket }, key);
  }
}
