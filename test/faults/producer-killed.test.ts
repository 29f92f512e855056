import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeResultLine, errorLine, jobLayout } from '@rookery/contracts';
import { modelOf } from '@rookery/jobs';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore, redisQueue } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import type { FaultCall } from './harness/fault.ts';
import { Fleet } from './harness/fleet.ts';
import { type Random, seededRandom } from './harness/random.ts';
import { undisturbedLines, undisturbedText } from './harness/undisturbed.ts';

const { redis } = inject('services');
const { pictures: shared } = inject('undisturbed');

/** One after the other, each in a process of its own that goes on where the one before was killed. One picture a task: two plans. */
const steps: readonly FaultCall[] = [
  { call: 'link', when: 'before', match: '\\.feeding/' },
  { call: 'link', when: 'after', match: '\\.feeding/' },
  { call: 'link', when: 'before', match: 'job\\.json' },
  { call: 'link', when: 'after', match: 'job\\.json' },
  { call: 'create', when: 'after', match: '\\.rookery-tmp' },
  { call: 'link', when: 'before', match: 'plan/0000000000' },
  { call: 'link', when: 'after', match: 'plan/0000000000' },
  { call: 'link', when: 'before', match: 'tasks/' },
  { call: 'link', when: 'after', match: 'tasks/', nth: 40 },
  { call: 'link', when: 'before', match: 'tasks/0000000200' },
  { call: 'link', when: 'before', match: 'plan/0000000256' },
  { call: 'link', when: 'after', match: 'plan/0000000256' },
  { call: 'link', when: 'after', match: 'tasks/0000000260' },
  { call: 'link', when: 'before', match: 'sealed' },
  { call: 'link', when: 'after', match: 'sealed' },
  { call: 'unlink', when: 'before', match: 'plan/' },
  { call: 'unlink', when: 'after', match: 'plan/' },
];

describe.skipIf(!redis.available)('a producer that is killed', () => {
  let fleet: Fleet;
  afterEach(() => fleet[Symbol.asyncDispose]());

  describe('at every step, in a bucket that changes', () => {
    let folder: string;
    /** Which of the shared pictures lies under a key now. */
    let holds: Map<string, string>;
    const untouched = new Set<string>();
    beforeEach(async () => {
      holds = new Map([...(await undisturbedLines()).keys()].map((key) => [key, key]));
      for (const key of holds.keys()) untouched.add(key);
      fleet = await Fleet.open({ queue: redisQueue(redis.url), pictures: folderStore(shared) });
      folder = join(fleet.folder, 'pictures');
      await cp(shared, folder, { recursive: true, preserveTimestamps: true });
    });

    /** A picture comes, one goes, one is overwritten by another: anywhere, before and behind what is planned. */
    const change = async (random: Random): Promise<void> => {
      const keys = [...holds.keys()] as [string, ...string[]];
      const put = async (key: string, from: string) => {
        await writeFile(join(folder, key), await readFile(join(shared, from)));
        holds.set(key, from);
        untouched.delete(key);
      };
      const from = `${String(random.between(0, 299)).padStart(4, '0')}.jpg`;
      await put(`${String(random.between(0, 299)).padStart(4, '0')}-${random.between(0, 99_999)}.jpg`, from);
      await put(random.pick(keys), from);
      const gone = random.pick(keys);
      await rm(join(folder, gone), { force: true });
      holds.delete(gone);
      untouched.delete(gone);
    };

    /** What must come out, from what was planned and what lies there now. */
    const expectedText = async (): Promise<{ text: string; keys: string[] }> => {
      const lines = await undisturbedLines();
      const pictures = await folderStore(folder).open();
      const model = modelOf(await fleet.ledger.read('changing'));
      let text = '';
      const keys: string[] = [];
      for await (const page of fleet.store.list(jobLayout('changing').tasks)) {
        for (const { key: file } of page) {
          const seq = Number(file.slice(-15, -5));
          for (const item of (await fleet.ledger.readTask('changing', seq)).items) {
            keys.push(item.key);
            const there = await pictures.head(item.key);
            const line = lines.get(holds.get(item.key) ?? '');
            const code = there ? 'SOURCE_CHANGED' : 'SOURCE_NOT_FOUND';
            if (line && there?.etag === item.etag)
              text += encodeResultLine({ ...line, key: item.key, etag: there?.etag ?? null });
            else text += encodeResultLine(errorLine(item, model, code));
          }
        }
      }
      return { text, keys };
    };

    it('goes on with the same job: every key once, none lost', async () => {
      const random = seededRandom('changes of the bucket');
      const enqueue = ['enqueue', folder, '--job', 'changing', '--task-size', '1'];
      const env = { ROOKERY_SOURCES: folder };
      for (const killAt of steps) {
        const { ended } = fleet.start(enqueue, { fault: { killAt }, env });
        expect([killAt, await ended]).toEqual([killAt, { code: null, signal: 'SIGKILL' }]);
        await change(random);
      }
      await fleet.run(enqueue, { env });
      const { text, keys } = await expectedText();
      expect(keys).toEqual([...new Set(keys)].sort());
      expect([...untouched].filter((key) => !keys.includes(key))).toEqual([]);
      fleet.worker({ env });
      await expectUndisturbed(fleet, 'changing', { text });
      // The plan went with the last step, and nobody has anything left to enqueue.
      const left: string[] = [];
      for await (const page of fleet.store.list('jobs/')) left.push(...page.map(({ key }) => key));
      expect(left.filter((key) => key.includes('/plan/') || key.includes('.feeding'))).toEqual([]);
    });
  });

  it('while workers are busy loses nothing, and reconciling a job that runs doubles nothing', async () => {
    fleet = await Fleet.open({ queue: redisQueue(redis.url), pictures: folderStore(shared) });
    const { location } = fleet.options.pictures;
    const enqueue = ['enqueue', location, '--job', 'running', '--task-size', '4', '--window', '20'];
    const killAt: FaultCall = { call: 'send', when: 'after', match: '"seq":30,' };
    const env = { ROOKERY_LEASE_AHEAD: '16' };
    fleet.worker({ env });
    fleet.worker({ env });
    const first = fleet.start(enqueue, { fault: { killAt } });
    await fleet.untilDone('running', 5);
    await fleet.run(['jobs', 'reconcile', 'running']);
    expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
    const second = fleet.start(enqueue);
    await fleet.run(['jobs', 'reconcile', 'running']);
    expect(await second.ended).toEqual({ code: 0, signal: null });
    await expectUndisturbed(fleet, 'running', { text: await undisturbedText() });
  });
});
