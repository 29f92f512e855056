import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { rookery } from '../e2e/rookery.ts';
import { type TemporaryFolder, temporaryFolder } from '../services/index.ts';
import { startWandbServer } from '../wandb-server/index.ts';
import { folderStore, redisQueue } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { undisturbedText } from './harness/undisturbed.ts';

const run = promisify(execFile);

/** A file system of a few hundred kilobytes of its own, which takes root and Linux. */
async function mountSmall(folder: string): Promise<boolean> {
  await mkdir(folder);
  return run('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
}

const canMount = await (async () => {
  using folder = temporaryFolder('mount');
  const small = join(folder.path, 'small');
  if (!(await mountSmall(small))) return false;
  await run('umount', [small]);
  return true;
})();

/** Fills what is left. Whoever removes the file makes room. */
async function fill(folder: string): Promise<string> {
  const ballast = join(folder, 'ballast');
  const { bavail, bsize } = await statfs(folder);
  await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch(() => undefined);
  return ballast;
}

// Not as root, or not on Linux: nothing here has a limit that could be reached.
describe.skipIf(!canMount || !inject('services').redis.available)('a disk that is full', () => {
  let folder: TemporaryFolder;
  let small: string;
  let fleet: Fleet;
  beforeEach(async () => {
    folder = temporaryFolder('full');
    small = join(folder.path, 'small');
    await mountSmall(small);
    fleet = await Fleet.open({
      queue: redisQueue(inject('services').redis.url),
      pictures: folderStore(inject('undisturbed').pictures),
      store: folderStore(small),
    });
  });
  afterEach(async () => {
    await fleet[Symbol.asyncDispose]();
    await run('umount', ['--lazy', small]);
    folder[Symbol.dispose]();
  });

  it('where results go is waited for; nothing half-written is ever seen, and room is all it takes to go on', async () => {
    await fleet.enqueue('full');
    const ballast = await fill(small);
    const worker = await fleet.warmWorker();
    await worker.says('store is down');
    expect(worker.log.find(({ msg }) => msg?.includes('store is down'))).toMatchObject({ err: { code: 'STORE_FULL' } });
    expect(await fleet.done('full')).toBeLessThan(19);
    await rm(ballast);
    await fleet.untilDone('full');
    expect(worker.hasEnded).toBe(false);
    await expectUndisturbed(fleet, 'full', { text: await undisturbedText() });
    expect(await readdir(join(small, '.rookery-tmp'))).toEqual([]);
  });

  it('while a job is planned ends the producer with STORE_FULL; the same command goes on once there is room', async () => {
    const ballast = await fill(small);
    const { location } = fleet.options.pictures;
    const producer = fleet.start(['enqueue', location, '--job', 'planned', '--task-size', '16']);
    expect((await producer.ended).code).not.toBe(0);
    expect(producer.stderr).toContain('STORE_FULL');
    await rm(ballast);
    await fleet.enqueue('planned');
    fleet.worker();
    await expectUndisturbed(fleet, 'planned', { text: await undisturbedText() });
  });

  it('where temporary files go is named by what needs them; nothing else depends on it', async () => {
    const temporary = join(folder.path, 'temporary');
    await mountSmall(temporary);
    try {
      await fill(temporary);
      const env = { TMPDIR: temporary };
      await fleet.enqueue('temporary', ['--task-size', '16'], { env });
      await fleet.warmWorker({ env });
      await expectUndisturbed(fleet, 'temporary', { text: await undisturbedText() });
      // More keys in no order than are sorted in memory.
      const keys = Array.from(
        { length: 100_000 },
        (_, at) => `${'folder/'.repeat(10)}${(at * 7_919) % 100_000}.jpg,etag`,
      );
      await writeFile(join(folder.path, 'keys.csv'), keys.join('\n'));
      const { location } = fleet.options.pictures;
      const list = ['enqueue', join(folder.path, 'keys.csv'), '--bucket', location, '--dry-run'];
      const since = fleet.start([...list, '--since', 'temporary'], { env });
      expect((await since.ended).code).toBe(1);
      expect(since.stderr).toContain(`temporary files for sorting go into ${temporary} (TMPDIR): ENOSPC`);
      expect(await readdir(temporary)).toEqual(['ballast']);
      expect(await fleet.run(list, { env })).toContain('pictures   100000\n');
    } finally {
      await run('umount', ['--lazy', temporary]);
    }
  });
});

describe.skipIf(!canMount)('a disk that is full', () => {
  it('where models of a registry elsewhere are kept is named, and nothing half-downloaded keeps it full', async () => {
    using folder = temporaryFolder('full-cache');
    const small = join(folder.path, 'small');
    await mountSmall(small);
    await using server = await startWandbServer();
    try {
      const env = {
        WANDB_BASE_URL: server.url,
        WANDB_API_KEY: server.apiKey,
        ROOKERY_MODELS: join(folder.path, 'models'),
        ROOKERY_REGISTRY: 'wandb://rookery/models',
        ROOKERY_CACHE: small,
      };
      expect(await rookery(['models', 'push', 'content'], { cwd: folder.path, env })).toMatchObject({ code: 0 });
      const ran = await rookery(['bench', 'classify', '--model', 'wandb://rookery/models/content'], {
        cwd: folder.path,
        env,
      });
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain('STORE_FULL');
      expect(ran.stderr).toContain(small);
      const { bfree, blocks } = await statfs(small);
      expect(bfree / blocks).toBeGreaterThan(0.8);
    } finally {
      await run('umount', ['--lazy', small]);
    }
  }, 60_000);
});
