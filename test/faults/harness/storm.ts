import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet, StartOptions } from './fleet.ts';
import type { Random } from './random.ts';

export interface StormOptions {
  readonly kills: number;
  readonly random: Random;
  /** Workers at the same time. */
  readonly workers?: number;
  readonly start?: StartOptions;
}

/**
 * Starts workers and kills them: some while they start, most while they work. Ends after so many kills, or when the job is done; resolves
 * to the kills.
 */
export async function stormOfKills(fleet: Fleet, job: string, options: StormOptions): Promise<number> {
  const { kills, random, workers = 2, start } = options;
  let [done, killed] = [false, 0];
  const isDone = async (): Promise<boolean> => {
    const sealed = await fleet.ledger.findSealed(job);
    done ||= sealed !== undefined && (await fleet.done(job)) >= sealed.tasks;
    return done;
  };
  const lane = async (): Promise<void> => {
    while (killed < kills && !(await isDone())) {
      const worker = fleet.worker(start);
      if (random.next() < 0.75) await Promise.race([worker.says('model is warm'), worker.ended]);
      await sleep(random.between(0, 400));
      killed += 1;
      await worker.kill();
    }
  };
  await Promise.all(Array.from({ length: workers }, lane));
  return killed;
}
