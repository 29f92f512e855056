import { parentPort, workerData } from 'node:worker_threads';
import type { EarlyData } from './early-threads.ts';
import { compute } from './thread-state.ts';

/** What a thread begins with: its code, its data, and whatever the main thread says after that. */
export interface ThreadStart<Part, Data> {
  readonly part: Part;
  readonly data: Data;
  /** Calls it for each further message, those that came meanwhile first. */
  listen(handler: (message: unknown) => void): void;
  report(message: unknown): void;
}

/**
 * Loads the code of a thread and waits for its data, which it was started with, or which is its first message if it was started early.
 * @param load imports the code and, where there is time for it, does whatever can be done without the data; nobody ends the thread meanwhile.
 */
export async function enterThread<Part, Data>(
  load: (early: boolean) => Promise<Part>,
): Promise<ThreadStart<Part, Data>> {
  const port = parentPort;
  if (!port) throw new Error('this file is the entry of a thread');
  const waiting: unknown[] = [];
  let deliver = (message: unknown): void => void waiting.push(message);
  const given = workerData as Data | EarlyData;
  const early = typeof given === 'object' && given !== null && 'early' in given ? given : undefined;
  const first = new Promise<Data>((resolve) => {
    if (!early) return;
    deliver = (message) => {
      deliver = (later) => void waiting.push(later);
      resolve(message as Data);
    };
  });
  port.on('message', (message: unknown) => deliver(message));
  const part = early ? await compute(early.state, () => load(true)) : await load(false);
  // Told to stop while it loaded: there is nothing to go on with.
  if (part === undefined) process.exit();
  return {
    part,
    data: early ? await first : (given as Data),
    listen(handler) {
      for (const message of waiting.splice(0)) handler(message);
      deliver = handler;
    },
    report: (message) => port.postMessage(message),
  };
}
