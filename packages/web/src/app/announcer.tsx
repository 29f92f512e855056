import { createStore, useStore } from './store.ts';

const message = createStore('');
let repeated = false;

/** Announces something to screen readers, politely: what is being read is read to its end. */
export function announce(text: string): void {
  // Screen readers read a text again only if it has changed.
  repeated = !repeated;
  message.set(repeated ? text : `${text}\u00a0`);
}

/** The element that holds announcements; the page has one. */
export const Announcer = () => (
  <div class="unseen" role="status" aria-live="polite">
    {useStore(message)}
  </div>
);
