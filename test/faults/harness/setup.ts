import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobLedger, streamResults } from '@rookery/jobs';
import { openStore } from '@rookery/storage';
import type { TestProject } from 'vitest/node';
import { temporaryFolder } from '../../services/index.ts';
import { writePictures } from './pictures.ts';
import { RookeryProcess } from './rookery-process.ts';
import { until } from './until.ts';

const count = 300;
const job = 'undisturbed';

/** vitest's globalSetup: makes the pictures and labels them by one process that nothing disturbs, on the memory queue. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = temporaryFolder('undisturbed');
  const pictures = join(folder.path, 'pictures');
  const root = join(folder.path, 'up');
  await writePictures(pictures, count);
  await mkdir(join(folder.path, 'home'));
  const env = {
    HOME: join(folder.path, 'home'),
    ROOKERY_STORE: root,
    ROOKERY_SOURCES: pictures,
    ROOKERY_MODELS: join(folder.path, 'models'),
    ROOKERY_TOP: '2',
    ROOKERY_THREADS: '1',
    ROOKERY_BATCH: '8',
  };
  const start = (...argv: string[]) => new RookeryProcess(argv, { cwd: folder.path, env });
  const enqueue = start('enqueue', pictures, '--job', job, '--task-size', '16', '--no-feed');
  if ((await enqueue.ended).code !== 0) throw new Error(enqueue.stderr);
  const up = start('up', root);
  const ledger = new JobLedger(await openStore(root, {}));
  await until('the undisturbed run is over', () => ledger.findSummary(job), { seen: () => up.stderr });
  up.signal('SIGTERM');
  await up.ended;
  const pieces: Uint8Array[] = [];
  for await (const piece of streamResults(ledger, job)) pieces.push(piece);
  const lines = join(folder.path, 'lines.jsonl');
  await writeFile(lines, Buffer.concat(pieces));
  project.provide('undisturbed', { pictures, count, lines });
  return async () => folder[Symbol.dispose]();
}
