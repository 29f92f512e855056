import type { WandbClient } from './wandb-client.ts';
import { finishRun, type NewRun, startRun } from './wandb-run.ts';

/** Work of the run that this process belongs to, or of one that is made for it and ends with it. */
export async function inRun<T>(
  client: WandbClient,
  run: NewRun,
  work: (name: string) => Promise<T>,
): Promise<{ readonly result: T; readonly run: string }> {
  const { run: own } = client.options;
  if (own?.entity === run.entity && own.project === run.project) return { result: await work(own.name), run: own.name };
  const made = await startRun(client, run);
  try {
    const result = await work(made.name);
    await finishRun(client, made, { exitCode: 0, summary: run.summary });
    return { result, run: made.name };
  } catch (error) {
    // What went wrong is thrown, not that nobody could be told.
    await finishRun(client, made, { exitCode: 1 }).catch(() => {});
    throw error;
  }
}
