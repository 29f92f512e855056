import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileTracker } from '../src/index.ts';
import { aRun, describeTracker, type KeptRun, type TrackerBench } from './tracker-suite.ts';

const open = async (): Promise<TrackerBench & AsyncDisposable & { readonly folder: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-runs-'));
  const json = async (id: string, file: string) => JSON.parse(await readFile(join(folder, id, file), 'utf8'));
  return {
    folder,
    tracker: fileTracker({ folder }),
    async read(id): Promise<KeptRun> {
      const lines = (await readFile(join(folder, id, 'history.jsonl'), 'utf8')).trimEnd().split('\n');
      const rows = lines.map((line) => JSON.parse(line));
      const { name, group, config } = await json(id, 'run.json');
      const { state, ...summary } = await json(id, 'summary.json');
      const steps = rows.map(({ _step }) => _step);
      const tables = join(folder, id, 'tables');
      const kept = await json(id, 'tables/samples.table.json').catch(() => undefined);
      const table = kept && { json: kept, picture: (path: string) => readFile(join(tables, path)) };
      return { name, group, config, history: rows, steps, summary, state, table };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
};

describeTracker('a tracker of files', open);

describe('a tracker of files', () => {
  it('keeps the latest rows of a table, and their pictures alone', async () => {
    await using bench = await open();
    const run = bench.tracker.start(aRun('t'));
    const row = (at: number) => [{ jpeg: Buffer.from(`${at}`), width: 1, height: 1 }, at];
    for (let at = 0; at < 250; at += 50)
      run.table('pictures', { columns: ['picture', 'at'], rows: Array.from({ length: 50 }, (_, n) => row(at + n)) });
    await run.finish({});
    const tables = join(bench.folder, 't', 'tables');
    const { data, nrows } = JSON.parse(await readFile(join(tables, 'pictures.table.json'), 'utf8'));
    expect(nrows).toBe(200);
    expect(data.map(([, at]: [unknown, number]) => at)).toEqual(Array.from({ length: 200 }, (_, n) => 50 + n));
    const pictures = data.map(([{ path }]: [{ path: string }]) => path.split('/').at(-1));
    expect((await readdir(join(tables, 'media/images'))).sort()).toEqual(pictures.sort());
  });

  it('counts what a disk that is gone costs, and throws nothing', async () => {
    await using bench = await open();
    await writeFile(join(bench.folder, 'file'), '');
    const run = fileTracker({ folder: join(bench.folder, 'file') }).start(aRun('one'));
    for (let at = 0; at < 5; at += 1) run.log({ at });
    await run.finish({ done: 1 });
    expect(run.loss.dropped).toBeGreaterThanOrEqual(5);
    expect(run.loss.reason).toMatch(/ENOTDIR|EEXIST|ENOENT/);
  });

  it('holds a bounded number of rows', async () => {
    await using bench = await open();
    const run = fileTracker({ folder: bench.folder, maxWaiting: 10 }).start(aRun('one'));
    for (let at = 0; at < 100; at += 1) run.log({ at });
    await run.finish({});
    expect(run.loss).toEqual({ dropped: 90, reason: 'the disk is too slow' });
    expect((await bench.read('one')).history.map(({ at }) => at)).toEqual(Array.from({ length: 10 }, (_, at) => at));
  });
});
