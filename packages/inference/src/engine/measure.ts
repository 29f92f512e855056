import type { ClassifierTuning } from '../classifier.ts';
import type { EngineData } from '../messages.ts';
import { measuredBatches } from './batches.ts';
import { Engine } from './engine.ts';

/** Altogether, after the first session is there. */
const budgetMs = 1000;
/** A smaller batch or fewer threads that are this close to the best are taken: they leave more for everything else. */
const nearly = 1.03;

interface Measured {
  readonly batch: number;
  readonly msPerPicture: number;
}

/**
 * Finds threads and batch of this machine by running black batches. What was set is left as it is. The session of the winner stays, the
 * others are released.
 */
export async function measure(data: EngineData, first: Engine): Promise<{ engine: Engine; tuning: ClassifierTuning }> {
  const deadline = performance.now() + budgetMs;
  const { threads, batch } = data.tuning;
  const tries = data.measure.batch ? measuredBatches : [batch];
  let engine = first;
  let best = { threads, ...(await bestBatch(engine, tries, Math.min(deadline, performance.now() + budgetMs / 2))) };
  const fewer = Math.floor(threads / 2);
  if (data.measure.threads && fewer >= 1 && performance.now() < deadline) {
    const other = await Engine.load(data, fewer, Math.max(...tries));
    const found = { threads: fewer, ...(await bestBatch(other, [best.batch], deadline)) };
    const wins = found.msPerPicture <= best.msPerPicture * nearly;
    await (wins ? engine : other).release();
    if (wins) [engine, best] = [other, found];
  }
  return { engine, tuning: { threads: best.threads, batch: best.batch, source: 'measured' } };
}

async function bestBatch(engine: Engine, tries: readonly number[], deadline: number): Promise<Measured> {
  const found: Measured[] = [];
  for (const batch of tries) {
    if (found.length > 0 && performance.now() > deadline) break;
    const times: number[] = [];
    // The first run of a shape allocates.
    await engine.run(batch);
    do {
      const begun = performance.now();
      await engine.run(batch);
      times.push((performance.now() - begun) / batch);
    } while (times.length < 3 && performance.now() < deadline);
    found.push({ batch, msPerPicture: Math.min(...times) });
  }
  const best = Math.min(...found.map(({ msPerPicture }) => msPerPicture));
  return found.find(({ msPerPicture }) => msPerPicture <= best * nearly) as Measured;
}
