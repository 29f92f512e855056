import { describe, it } from 'vitest';
import type { RunDescription, Tracker } from '../src/index.ts';

/** What a run looks like afterwards, wherever it was kept. */
export interface KeptRun {
  readonly name: string;
  readonly group: string | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  /** Without what the adapter adds, such as `_step`. */
  readonly history: readonly Readonly<Record<string, unknown>>[];
  readonly steps: readonly number[];
  readonly summary: Readonly<Record<string, unknown>>;
  readonly state: string;
  /** The last table `samples`, as it lies where it was kept, and what is at the paths of its pictures. */
  readonly table?: { readonly json: Readonly<Record<string, unknown>>; picture(path: string): Promise<Uint8Array> };
}

export interface TrackerBench {
  readonly tracker: Tracker;
  read(id: string): Promise<KeptRun>;
}

export const aRun = (id: string): RunDescription => ({
  id,
  name: `worker ${id}`,
  group: 'spring',
  tags: ['test'],
  config: { model: 'birds@1', threads: 2, machine: { cores: 2 } },
});

/** Every tracker keeps the same promises. */
export function describeTracker(name: string, open: () => Promise<TrackerBench & AsyncDisposable>): void {
  describe.concurrent(`${name} keeps the promises of Tracker`, () => {
    it('rows in their order, with their steps, and what the run is', async ({ expect }) => {
      await using bench = await open();
      const run = bench.tracker.start(aRun('one'));
      for (let at = 0; at < 25; at += 1) run.log({ 'pictures/rate': at, 'stage/infer/p50_ms': at / 8 });
      await run.finish({ 'pictures/total': 300 });
      const kept = await bench.read('one');
      expect(kept).toMatchObject({
        name: 'worker one',
        group: 'spring',
        config: { model: 'birds@1', threads: 2, machine: { cores: 2 } },
        state: 'finished',
      });
      const rows = kept.history.filter((row) => 'pictures/rate' in row);
      expect(rows.map((row) => row['pictures/rate'])).toEqual(Array.from({ length: 25 }, (_, at) => at));
      expect(kept.steps).toEqual(kept.steps.map((_, at) => at));
      expect(kept.summary['pictures/total']).toBe(300);
      expect(run.loss.dropped).toBe(0);
    }, 30_000);

    it('a run that failed says so, and what comes after its end is ignored', async ({ expect }) => {
      await using bench = await open();
      const run = bench.tracker.start(aRun('two'));
      run.log({ a: 1 });
      await run.finish({ b: 2 }, { failed: true });
      run.log({ a: 99 });
      await run.finish({ b: 99 });
      const kept = await bench.read('two');
      expect(kept.state).toBe('failed');
      expect(kept.history.filter(({ a }) => a === 99)).toEqual([]);
      expect(kept.summary.b).toBe(2);
    }, 30_000);

    it('tables of pictures', async ({ expect }) => {
      await using bench = await open();
      const run = bench.tracker.start(aRun('tables'));
      const jpeg = (text: string) => ({ jpeg: Buffer.from(text), width: 4, height: 3 });
      const columns = ['picture', 'key', 'score'];
      run.table('samples', { columns, rows: [[jpeg('old'), 'a.jpg', 0.5]] });
      run.log({ a: 1 });
      run.table('samples', {
        columns,
        rows: [
          [jpeg('owl'), 'b/ü.jpg', 0.75],
          [null, 'c.jpg', 1],
        ],
      });
      await run.finish({ b: 2 });
      expect(run.loss).toEqual({ dropped: 0, reason: undefined });
      const { table } = await bench.read('tables');
      if (!table) throw new Error('no table was kept');
      expect(table.json).toMatchObject({ _type: 'table', columns, ncols: 3 });
      const [[cell] = [], ...rest] = (table.json.data as [{ path: string }][]).slice(-2);
      expect(cell).toMatchObject({ _type: 'image-file', format: 'jpg', width: 4, height: 3, size: 3 });
      expect(Buffer.from(await table.picture(cell?.path ?? '')).toString()).toBe('owl');
      expect(rest).toEqual([[null, 'c.jpg', 1]]);
    }, 30_000);

    it('several runs at the same time stay apart', async ({ expect }) => {
      await using bench = await open();
      const ids = ['x', 'y', 'z'];
      const runs = ids.map((id) => bench.tracker.start(aRun(id)));
      for (let at = 0; at < 5; at += 1) for (const [n, run] of runs.entries()) run.log({ n, at });
      await Promise.all(runs.map((run) => run.finish({})));
      for (const [n, id] of ids.entries()) {
        const { history } = await bench.read(id);
        expect(history.map((row) => row.n)).toEqual(Array(5).fill(n));
      }
    }, 30_000);
  });
}
