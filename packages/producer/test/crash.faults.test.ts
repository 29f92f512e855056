import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { JobLedger } from '@rookery/jobs';
import { FsStore } from '@rookery/storage';
import { expect, it } from 'vitest';
import { enqueueJob } from '../src/index.ts';
import { aBucket, aRequest, plannedKeys, tempFolder } from './fixtures.ts';

const child = fileURLToPath(new URL('crash-child.mjs', import.meta.url));
const run = promisify(execFile);

/** Lehmer's generator: the same run every time. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const keys = Array.from({ length: 25 }, (_, at) => `${String(at).padStart(3, '0')}.jpg`);

/** The steps of an undisturbed run: one for each boundary. */
async function countSteps(): Promise<number> {
  const { bucket, store } = await aBucket(keys);
  const ledger = new JobLedger(new FsStore(await tempFolder(), { sync: false }));
  let steps = 0;
  const onStep = () => void steps++;
  await enqueueJob(aRequest(bucket, { taskSize: 2 }), { ledger, open: () => store, entriesPerChunk: 8, onStep });
  return steps;
}

async function changeBucket(store: FsStore, random: (below: number) => number, removed: Set<string>): Promise<void> {
  for (let change = 0; change < 4; change++) {
    const at = String(random(25)).padStart(3, '0');
    if (random(2) === 0) await store.put(`${at}-new-${random(1000)}.jpg`, 'new');
    else {
      removed.add(`${at}.jpg`);
      await store.delete([`${at}.jpg`]);
    }
  }
}

it('a producer that is killed after any step and started again, in a bucket that changes, loses and doubles no key', async () => {
  const steps = await countSteps();
  expect(steps).toBeGreaterThan(18);
  const random = seeded(20_261_124);
  for (let dieAfter = 1; dieAfter <= steps; dieAfter++) {
    const { bucket, folder, store } = await aBucket(keys);
    const storeFolder = await tempFolder();
    const ledger = new JobLedger(new FsStore(storeFolder, { sync: false }));
    const request = aRequest(bucket, { taskSize: 2 });
    const removed = new Set<string>();
    const killed = await run(process.execPath, [
      child,
      storeFolder,
      folder,
      String(dieAfter),
      JSON.stringify(request),
    ]).then(
      () => undefined,
      (error: { signal?: string }) => error.signal,
    );
    expect(killed).toBe('SIGKILL');
    await changeBucket(store, random, removed);
    // And once more, in this process, at another step.
    const again = 1 + random(steps);
    let step = 0;
    const onStep = () => {
      if (++step === again) throw new Error('ended');
    };
    const options = { ledger, open: () => store, entriesPerChunk: 8 };
    await enqueueJob(request, { ...options, onStep }).catch(() => {});
    await changeBucket(store, random, removed);
    await enqueueJob(request, options);
    const planned = await plannedKeys(ledger, 'a-job');
    expect(planned, `killed after step ${dieAfter}`).toEqual([...planned].sort());
    expect(new Set(planned).size).toBe(planned.length);
    expect(keys.filter((key) => !removed.has(key) && !planned.includes(key))).toEqual([]);
    expect(await ledger.lastDecision('a-job')).toBeUndefined();
  }
}, 300_000);
