import type { Worker } from '@rookery/worker';

/** Waits for the signal, then stops the worker. @throws whatever broke the worker before that. */
export async function untilStopped(worker: Worker, options: { signal: AbortSignal; graceMs: number }): Promise<void> {
  const { signal, graceMs } = options;
  const asked = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([asked, worker.done]);
  await worker.stop({ graceMs });
  if (!signal.aborted) await worker.done;
}
