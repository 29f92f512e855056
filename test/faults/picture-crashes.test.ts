import { createHash } from 'node:crypto';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeResultLine, errorLine } from '@rookery/contracts';
import { findLabel } from '@rookery/jobs';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderIn, folderStore, redisQueue } from './harness/backends.ts';
import { expectNoProcesses, expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { queuesUnderTest } from './harness/queues-under-test.ts';
import { undisturbedLines } from './harness/undisturbed.ts';
import { until } from './harness/until.ts';

const fatal = ['0042.jpg', '0045.jpg', '0200.jpg'];

/** The lines of an undisturbed run, but for those of pictures that end whoever decodes them. */
async function linesWithout(crashing: readonly string[]): Promise<string> {
  const lines = [...(await undisturbedLines()).values()];
  return lines
    .map((line) => (crashing.includes(line.key) ? errorLine(line, line.model, 'PICTURE_CRASHED_WORKER') : line))
    .map(encodeResultLine)
    .join('');
}

describe('a picture that crashes the process', () => {
  const { pictures } = inject('undisturbed');
  let crashOver: string[];
  let fleet: Fleet;
  beforeEach(async () => {
    crashOver = await Promise.all(
      fatal.map(async (key) =>
        createHash('sha256')
          .update(await readFile(join(pictures, key)))
          .digest('hex'),
      ),
    );
  });
  afterEach(() => fleet[Symbol.asyncDispose]());

  describe.each(queuesUnderTest())('on $name', ({ available, place }) => {
    it.skipIf(!available)('is found and set aside alone, and its neighbours have their labels', async () => {
      fleet = await Fleet.open({ queue: place(), pictures: folderStore(pictures) });
      await fleet.enqueue('fatal');
      // As a supervisor does: started again whenever it dies.
      let deaths = 0;
      for (let done = false; !done; ) {
        const worker = fleet.worker({ fault: { crashOver } });
        done = await Promise.race([
          fleet.untilDone('fatal').then(() => true),
          worker.ended.then(({ signal }) => {
            expect(signal).toBe('SIGABRT');
            return false;
          }),
        ]);
        if (!done) deaths++;
      }
      // Two deliveries of each task end a worker, the third ends a child. Tasks in flight together share a death.
      expect(deaths).toBeGreaterThanOrEqual(2);
      expect(deaths).toBeLessThanOrEqual(2 * fatal.length);
      const dead = fatal.map((key) => ({ code: 'PICTURE_CRASHED_WORKER', keys: [key] }));
      await expectUndisturbed(fleet, 'fatal', { text: await linesWithout(fatal), dead });
    });
  });

  it('is found by `rookery up` too, whose queue dies with it: markers survive', async () => {
    fleet = await Fleet.open({ queue: redisQueue(inject('services').redis.url), pictures: folderStore(pictures) });
    const root = join(fleet.folder, 'up');
    const inbox = join(root, 'inbox');
    await cp(pictures, inbox, { recursive: true, preserveTimestamps: true });
    const store = await folderIn(fleet.folder, 'up').open();
    const { bucket } = folderStore(inbox);
    const lines = await undisturbedLines();
    const labelled = async (): Promise<boolean> => {
      for (const key of lines.keys()) if (!(await findLabel(store, bucket, key))) return false;
      return true;
    };
    let deaths = 0;
    for (let done = false; !done; ) {
      const up = fleet.start(['up', root], { fault: { crashOver } });
      done = await Promise.race([
        until('all have their labels', labelled, { ceilingMs: 120_000, seen: () => fleet.said() }),
        up.ended.then(({ signal }) => {
          expect(signal).toBe('SIGABRT');
          return false;
        }),
      ]);
      if (!done) deaths++;
    }
    expect(deaths).toBeGreaterThanOrEqual(1);
    expect(deaths).toBeLessThanOrEqual(fatal.length);
    for (const [key, line] of lines) {
      const label = await findLabel(store, bucket, key);
      if (fatal.includes(key)) expect(label?.error?.code).toBe('PICTURE_CRASHED_WORKER');
      else expect(label).toEqual({ ...line, etag: label?.etag });
    }
    expect((await fleet.stop()).map(({ code }) => code)).toEqual([0]);
    expect(await readdir(join(root, '.rookery', 'in-flight'))).toEqual([]);
    await expectNoProcesses(fleet);
  });
});
