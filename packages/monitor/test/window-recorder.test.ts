import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsStore } from '@rookery/storage';
import { expect, it, onTestFinished } from 'vitest';
import { aPin } from '../../contracts/test/a-pin.ts';
import { aJob, aLine } from '../../jobs/test/fixtures.ts';
import { readWindows, stateText, WindowRecorder } from '../src/index.ts';

async function aStore(): Promise<FsStore> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-windows-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return new FsStore(folder, { sync: false });
}

const windowsIn = async (store: FsStore) => {
  const found: { job: string | null; pictures: number; looked: number }[] = [];
  for await (const { job, window } of readWindows(store)) {
    const looked = window.histograms.brightness.reduce((sum, count) => sum + count, 0);
    found.push({ job, pictures: window.pictures, looked });
  }
  return found;
};

it('what a job measured is written soon after its last picture; events wait for more of them', async () => {
  const store = await aStore();
  await using recorder = new WindowRecorder({ store, idleMs: 50 });
  recorder.start();
  const line = aLine(aJob(), { key: 'a.jpg', etag: 'x' });
  for (const job of ['a-job', null]) {
    recorder.look({ brightness: 100, sharpness: 5 }, { pin: aPin, job });
    recorder.lines([line], { pin: aPin, job });
  }
  await expect.poll(() => windowsIn(store)).toEqual([{ job: 'a-job', pictures: 1, looked: 1 }]);
  await recorder.flush();
  expect(await windowsIn(store)).toHaveLength(2);
});

it('what nobody measured is not called too little', () => {
  const measure = { name: 'brightness', psi: 0, psiNoise: 0, distance: 0, test: 'ks', statistic: 0, p: 1 } as const;
  const told = (reference: number, window: number) =>
    stateText({ ...measure, adjustedP: 1, state: 'few', reference, window });
  expect([told(0, 0), told(300, 0), told(300, 20)]).toEqual(['not measured', 'too few', 'too few']);
});
