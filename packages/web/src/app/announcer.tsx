import { createStore, useStore } from './store.ts';

const message = createStore('');
let repeated = false;

/** Says something to people who listen to the page. Politely: what is being read is read to its end. */
export function announce(text: string): void {
  // The same text twice is read twice only where it differs.
  repeated = !repeated;
  message.set(repeated ? text : `${text}\u00a0`);
}

/** Where announcements are made. Once in the page. */
export const Announcer = () => (
  <div class="unseen" role="status" aria-live="polite">
    {useStore(message)}
  </div>
);
