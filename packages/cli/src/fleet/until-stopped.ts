import type { Worker } from '@rookery/worker';

/** Resolves when the signal is aborted. @throws what the worker failed with before that. */
export async function untilAborted(signal: AbortSignal, done: Promise<void>): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([aborted, done]);
}

/** Waits for the signal, then stops the worker. @throws what the worker failed with before that. */
export async function untilStopped(worker: Worker, options: { signal: AbortSignal; graceMs: number }): Promise<void> {
  try {
    await untilAborted(options.signal, worker.done);
  } finally {
    await worker.stop({ graceMs: options.graceMs });
  }
}
