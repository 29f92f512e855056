import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore, redisQueue } from '../faults/harness/backends.ts';
import { Fleet } from '../faults/harness/fleet.ts';
import { writePictures } from '../faults/harness/pictures.ts';
import { findWandbClient } from '../peers/wandb-client.ts';
import { type TemporaryFolder, temporaryFolder } from '../services/index.ts';
import { startWandbServer, type WandbServer } from '../wandb-server/index.ts';

interface ReadRun {
  readonly history: readonly Record<string, unknown>[];
  readonly sampled: readonly Record<string, unknown>[];
  readonly files: readonly string[];
  readonly table: { readonly rows: readonly unknown[][]; readonly pictures: readonly [string, number, number][] };
  readonly tableFile: { readonly data: readonly unknown[][] };
}

const { redis } = inject('services');
const count = 48;

describe.skipIf(!redis.available)('a tracked fleet', () => {
  let folder: TemporaryFolder;
  let fleet: Fleet;
  let server: WandbServer;
  beforeEach(async () => {
    folder = temporaryFolder('tracker');
    await writePictures(join(folder.path, 'pictures'), count);
    fleet = await Fleet.open({ queue: redisQueue(redis.url), pictures: folderStore(join(folder.path, 'pictures')) });
    server = await startWandbServer();
  });
  afterEach(async () => {
    await fleet[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const wandbEnv = (): Record<string, string> => ({
    ROOKERY_TRACKER: 'wandb',
    ROOKERY_TRACKER_DIR: join(folder.path, 'runs'),
    ROOKERY_TRACKER_INTERVAL: '300ms',
    ROOKERY_TRACKER_USD_PER_HOUR: '0.05',
    WANDB_BASE_URL: server.url,
    WANDB_API_KEY: server.apiKey,
    WANDB_PROJECT: 'holiday',
    WANDB_RUN_GROUP: 'spring',
  });
  const rowsOf = (run: { readonly streams: ReadonlyMap<string, readonly string[]> } | undefined) =>
    (run?.streams.get('wandb-history.jsonl') ?? []).map((line) => JSON.parse(line) as Record<string, number>);

  it('has a run of each worker in Weights & Biases, grouped, with figures of what it did', async () => {
    await fleet.enqueue('tracked', ['--task-size', '8']);
    for (let at = 0; at < 2; at += 1) fleet.worker({ env: wandbEnv() });
    await fleet.untilDone('tracked');
    expect((await fleet.stop()).map(({ code }) => code)).toEqual([0, 0]);
    const runs = [...server.state.runs.values()];
    expect(runs.map(({ state, group }) => [state, group])).toEqual([
      ['finished', 'spring'],
      ['finished', 'spring'],
    ]);
    const rows = runs.flatMap(rowsOf);
    const sum = (name: string): number => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
    expect(sum('pictures/labelled')).toBe(count);
    expect(runs.reduce((total, { summary }) => total + JSON.parse(summary)['summary/pictures'], 0)).toBe(count);
    for (const stage of ['fetch', 'decode', 'infer', 'write'])
      expect(Math.max(...rows.map((row) => row[`stage/${stage}/p95_ms`] ?? 0))).toBeGreaterThan(0);
    const busy = rows.findLast(({ confidence }) => confidence !== undefined) ?? {};
    expect(busy).toMatchObject({
      'queue/jobs/waiting': expect.any(Number),
      'cost/usd_per_million': expect.any(Number),
      confidence: { _type: 'histogram', bins: expect.any(Array), values: expect.any(Array) },
    });
    expect(Object.keys(busy).some((name) => name.startsWith('class/'))).toBe(true);
  });

  it("has runs that Weights & Biases' own client reads: what they are, what they did, pictures with their labels", async ({
    skip,
  }) => {
    const client = await findWandbClient().catch((error: Error) => skip(error.message));
    await fleet.enqueue('read', ['--task-size', '8']);
    const said = { WANDB_NAME: 'spring 26', WANDB_TAGS: 'lens, night', WANDB_NOTES: 'a new lens' };
    fleet.worker({ env: { ...wandbEnv(), ...said, ROOKERY_TRACKER_SAMPLES: '5' } });
    await fleet.untilDone('read');
    await fleet.stop();
    const [run] = (await client.read(['holiday', 'spring'], folder.path, {
      WANDB_BASE_URL: server.url,
      WANDB_API_KEY: server.apiKey,
      WANDB_ENTITY: server.entity,
    })) as [Record<string, never>];
    expect(run).toMatchObject({
      state: 'finished',
      group: 'spring',
      jobType: 'worker',
      name: 'spring 26',
      notes: 'a new lens',
      tags: ['lens', 'night', 'rookery', 'worker'],
      config: { model: 'content', queue: expect.any(String), machine: { cores: expect.any(Number) } },
      summary: { 'summary/pictures': count, 'summary/failed': 0, samples: { _type: 'table-file', ncols: 4 } },
      tableFile: { columns: ['picture', 'key', 'label', 'score'] },
      table: { columns: ['picture', 'key', 'label', 'score'] },
    });
    const { history, sampled, files, table, tableFile } = run as unknown as ReadRun;
    for (const rows of [history, sampled]) {
      expect(rows.reduce((sum, row) => sum + Number(row['pictures/labelled'] ?? 0), 0)).toBe(count);
      expect(rows.map(({ _step }) => _step)).toEqual(rows.map((_, step) => step));
    }
    const busy = history.filter((row) => row.confidence !== undefined);
    expect(busy).not.toEqual([]);
    const counts = busy.map(({ confidence }) => confidence as { _type: string; bins: number[]; values: number[] });
    for (const { _type, bins, values } of counts) {
      expect([_type, bins.length, values.length]).toEqual(['histogram', 21, 20]);
    }
    expect(counts.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0)).toBe(count);
    for (const figure of ['stage/infer/p50_ms', 'stage/decode/p99_ms', 'batch/mean', 'cost/usd_per_million'])
      expect(busy[0]).toHaveProperty([figure], expect.any(Number));
    expect(files.filter((name) => name.startsWith('media/table/samples_'))).not.toEqual([]);
    expect(table.rows.length).toBeGreaterThan(0);
    expect(table.pictures).toHaveLength(table.rows.length);
    expect(table.pictures).toEqual(
      tableFile.data.map(([picture]) => {
        const { width, height } = picture as { width: number; height: number };
        return ['JPEG', width, height];
      }),
    );
    for (const [, key, label, score] of table.rows) {
      expect(key).toMatch(/\.jpg$/);
      expect([typeof label, typeof score]).toEqual(['string', 'number']);
    }
    expect(tableFile.data.map(([, key]) => key)).toEqual(table.rows.map(([, key]) => key));
  });

  it('labels on where the server takes everything and answers nothing; what was kept is sent when somebody says so', async () => {
    server.faults.add({ fault: { kind: 'black-hole' } });
    const env = wandbEnv();
    await fleet.enqueue('held', ['--task-size', '8']);
    fleet.worker({ env });
    await fleet.untilDone('held');
    expect((await fleet.stop()).map(({ code }) => code)).toEqual([0]);
    expect(server.state.runs.size).toBe(0);
    // The client's process ends a moment after the worker's.
    await expect
      .poll(async () => JSON.parse(await fleet.run(['tracker', 'status', '--json'], { env })).waiting)
      .toMatchObject([{ project: 'holiday', droppedLines: 0, inUse: false }]);
    server.faults.clear();
    expect(await fleet.run(['tracker', 'flush'], { env })).toMatch(/^[0-9a-f]{8}: sent\n$/);
    const [run] = server.state.runs.values();
    expect(run?.state).toBe('finished');
    expect(rowsOf(run).reduce((total, row) => total + (row['pictures/labelled'] ?? 0), 0)).toBe(count);
    expect(await fleet.run(['tracker', 'status'], { env })).toContain('nothing waits');
  });

  it('keeps runs as files, which are read as CSV', async () => {
    const env = { ROOKERY_TRACKER_DIR: join(folder.path, 'runs'), ROOKERY_TRACKER_INTERVAL: '300ms' };
    await fleet.enqueue('kept', ['--task-size', '8']);
    fleet.start(['worker', '--tracker', 'file'], { env: { ...env, ROOKERY_TRACKER_SAMPLES: '3' } });
    await fleet.untilDone('kept');
    await fleet.stop();
    const { runs } = JSON.parse(await fleet.run(['tracker', 'status', '--json'], { env }));
    expect(runs).toMatchObject([{ state: 'finished', rows: expect.any(Number) }]);
    const csv = (await fleet.run(['tracker', 'export', runs[0].id], { env })).trimEnd().split('\n');
    expect(csv[0]).toMatch(/^_step,_timestamp,pictures\/labelled,/);
    expect(csv.slice(1).reduce((total, row) => total + Number(row.split(',')[2]), 0)).toBe(count);
    const tables = join(folder.path, 'runs', runs[0].id, 'tables');
    const samples = JSON.parse(await readFile(join(tables, 'samples.table.json'), 'utf8'));
    expect(samples.columns).toEqual(['picture', 'key', 'label', 'score']);
    const [[picture]] = samples.data;
    expect(await sharp(join(tables, picture.path)).metadata()).toMatchObject({
      format: 'jpeg',
      width: picture.width,
      height: picture.height,
    });
  });

  it('tells CloudWatch where ECS runs it, unless it is told not to', async () => {
    await fleet.enqueue('ecs', ['--task-size', '8']);
    const env = { ECS_CONTAINER_METADATA_URI_V4: 'http://127.0.0.1:9/v4/none' };
    const told = fleet.worker({ env });
    await fleet.untilDone('ecs');
    const silent = await fleet.warmWorker({ env: { ...env, ROOKERY_METRICS_EMF: 'off' } });
    expect((await fleet.stop()).map(({ code }) => code)).toEqual([0, 0]);
    expect(silent.stdout).toBe('');
    const lines = told.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const line of lines) {
      const [directive] = line._aws.CloudWatchMetrics;
      expect(directive).toMatchObject({ Namespace: 'Rookery', Dimensions: [['Queue']] });
      expect(line.Queue).toBe(fleet.options.queue.name);
      for (const { Name } of directive.Metrics) expect(line).toHaveProperty([Name], expect.any(Number));
      expect(Math.abs(line._aws.Timestamp - Date.now())).toBeLessThan(120_000);
    }
    expect(lines.reduce((sum, line) => sum + line.PicturesLabelled, 0)).toBe(count);
  });

  it('says in one line that there is no key, and works without', async () => {
    const { WANDB_API_KEY: _, ...env } = wandbEnv();
    await fleet.enqueue('keyless', ['--task-size', '8']);
    const worker = fleet.worker({ env });
    await fleet.untilDone('keyless');
    expect((await fleet.stop()).map(({ code }) => code)).toEqual([0]);
    expect(worker.stderr.split('\n').filter((line) => line.includes('tracking is off'))).toHaveLength(1);
    expect(server.requests).toEqual([]);
  });
});
