import { type BucketEvent, isLater } from './bucket-event.ts';
import type { EventMessage } from './event-source.ts';

export interface GathererOptions {
  /** Handed on when so many pictures are there... */
  readonly maxPictures: number;
  /** ...or the first has waited for so long. */
  readonly maxWaitMs: number;
  readonly onFull: (gathered: Gathered) => void;
}

/** The last event of each object, and the messages that are settled with them. */
export interface Gathered {
  readonly events: readonly BucketEvent[];
  readonly messages: readonly EventMessage[];
}

/**
 * Collects events for a moment, so that a burst becomes few tasks. Of several events of one object the last counts: repeats, and a
 * removal and a creation in whichever order they came.
 */
export class EventGatherer {
  #events = new Map<string, BucketEvent>();
  #messages: EventMessage[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: GathererOptions) {}

  /** All events of a message stay together, so that it is settled once. */
  add(message: EventMessage, events: readonly BucketEvent[]): void {
    this.#messages.push(message);
    for (const event of events) {
      const object = `${event.bucket}\0${event.key}`;
      const known = this.#events.get(object);
      if (!known || isLater(event, known)) this.#events.set(object, event);
    }
    if (this.#events.size >= this.options.maxPictures) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.options.maxWaitMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#messages.length === 0) return;
    const gathered = { events: [...this.#events.values()], messages: this.#messages };
    this.#events = new Map();
    this.#messages = [];
    this.options.onFull(gathered);
  }
}
