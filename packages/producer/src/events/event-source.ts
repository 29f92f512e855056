import type { ParsedEvents } from './parse-event.ts';

/** A message with events, as it was received. */
export interface EventMessage {
  readonly id: string;
  /** As it came, for whoever looks at what was refused. */
  readonly text: string;
  parse(): ParsedEvents;
}

/** Where bucket events come from: at least once, in any order. */
export interface EventSource extends AsyncDisposable {
  /** Waits for messages, a few seconds at most; `[]` where none came or the signal was aborted. May be called several times at once. */
  receive(signal: AbortSignal): Promise<readonly EventMessage[]>;
  /** They became tasks that are enqueued, or nothing: forget them. */
  done(messages: readonly EventMessage[]): Promise<void>;
  /** They could not be enqueued: give them again, soon. */
  again(messages: readonly EventMessage[]): Promise<void>;
}
