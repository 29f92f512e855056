import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startWandbServer, type WandbServer } from '../../../test/wandb-server/index.ts';
import { flushSpools, listSpools, type WandbTrackerOptions, wandbTracker } from '../src/index.ts';
import { aRun, describeTracker, type KeptRun, type TrackerBench } from './tracker-suite.ts';

interface Bench extends TrackerBench, AsyncDisposable {
  readonly server: WandbServer;
  readonly options: WandbTrackerOptions;
}

async function open(change: Partial<WandbTrackerOptions> = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-spool-'));
  const server = await startWandbServer();
  const options = { baseUrl: server.url, apiKey: server.apiKey, project: 'birds', spoolFolder: folder, ...change };
  return {
    server,
    options,
    tracker: wandbTracker(options),
    read: async (id) => readRun(server, id),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function readRun(server: WandbServer, id: string): KeptRun {
  const run = server.state.runs.get(`${server.entity}/birds/${id}`);
  if (!run) throw new Error(`the server knows no run ${id}`);
  const rows = (run.streams.get('wandb-history.jsonl') ?? []).map((line) => JSON.parse(line ?? 'null'));
  const config = Object.fromEntries(
    Object.entries(JSON.parse(String(run.config ?? '{}'))).map(([key, each]) => [
      key,
      (each as { value: unknown }).value,
    ]),
  );
  return {
    name: String(run.displayName),
    group: run.group ?? undefined,
    config,
    history: rows.filter((row) => Object.keys(row).some((key) => !key.startsWith('_'))),
    steps: rows.map(({ _step }) => _step),
    summary: JSON.parse(run.summary ?? '{}'),
    state: run.state,
    ...tableOf(server, id),
  };
}

/** The latest version of the artifact that a run's table lies in. */
function tableOf({ state, entity }: WandbServer, id: string): Pick<KeptRun, 'table'> {
  const newest = [...state.artifacts.values()].findLast((each) => each.collection === `run-${id}-samples`);
  if (!newest?.manifest) return {};
  expect([newest.state, newest.type, newest.entity]).toEqual(['COMMITTED', 'run_table', entity]);
  const { contents } = JSON.parse(String(state.objects.get(newest.manifest.storageKey)));
  const bytes = (path: string): Buffer => {
    const { birthArtifactID, digest } = contents[path];
    return state.objects.get(`artifacts/${birthArtifactID}/${digest}`) as Buffer;
  };
  return { table: { json: JSON.parse(String(bytes('samples.table.json'))), picture: async (path) => bytes(path) } };
}

describeTracker('a tracker of Weights & Biases', open);

const rates = (run: KeptRun): unknown[] => run.history.map(({ at }) => at).filter((at) => at !== undefined);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe.concurrent('Weights & Biases', () => {
  it('draws histograms, and finds whose the key is', async ({ expect }) => {
    await using bench = await open();
    const run = bench.tracker.start(aRun('h'));
    run.log({ confidence: { edges: [0, 0.5, 1], counts: [3, 7] } });
    await run.finish({});
    expect((await bench.read('h')).history).toEqual([
      expect.objectContaining({ confidence: { _type: 'histogram', bins: [0, 0.5, 1], values: [3, 7] } }),
    ]);
    expect(bench.server.requests.some((request) => request.endsWith('Viewer'))).toBe(true);
    expect(await readdir(bench.options.spoolFolder)).toEqual([]);
  }, 30_000);

  it.each([
    ['is down', { kind: 'down' }],
    ['answers 500', { kind: 'status', status: 500 }],
    ['loses its answers', { kind: 'lost-answer' }],
  ] as const)(
    'that %s for a while gets everything later, in order, once',
    async (_what, fault) => {
      await using bench = await open();
      bench.server.faults.add({ fault, times: 4 });
      const run = bench.tracker.start(aRun('later'));
      for (const at of upTo(10)) run.log({ at });
      await sleep(300);
      for (const at of upTo(10)) run.log({ at: at + 10 });
      await run.finish({});
      const kept = await bench.read('later');
      expect(rates(kept)).toEqual(upTo(20));
      expect(kept.state).toBe('finished');
      expect(run.loss).toEqual({ dropped: 0, reason: undefined });
    },
    30_000,
  );

  it('that takes requests and never answers holds nothing up; the next run sends what is left', async ({ expect }) => {
    await using bench = await open();
    bench.server.faults.add({ fault: { kind: 'black-hole' } });
    const run = bench.tracker.start(aRun('held'));
    for (const at of upTo(5)) run.log({ at });
    const began = performance.now();
    await run.finish({});
    expect(performance.now() - began).toBeLessThan(10_000);
    const [left] = listSpools(bench.options.spoolFolder);
    expect(left).toMatchObject({ run: { id: 'held', project: 'birds' }, droppedLines: 0 });
    expect(left?.waitingBytes).toBeGreaterThan(0);
    bench.server.faults.clear();
    const next = bench.tracker.start(aRun('next'));
    next.log({ at: 0 });
    await expect.poll(() => listSpools(bench.options.spoolFolder).some((each) => each.run.id === 'held')).toBe(false);
    await next.finish({});
    expect(rates(await bench.read('held'))).toEqual(upTo(5));
    expect((await bench.read('held')).state).toBe('finished');
    expect(await readdir(bench.options.spoolFolder)).toEqual([]);
  }, 60_000);

  it('what the client of an earlier run still works on is sent once that has ended', async ({ expect }) => {
    await using bench = await open({ offline: true });
    const held = bench.tracker.start(aRun('held'));
    for (const at of upTo(5)) held.log({ at });
    await held.finish({});
    const client = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { stdio: 'ignore' });
    await once(client, 'spawn');
    const [left] = listSpools(bench.options.spoolFolder);
    await rename(left?.folder ?? '', left?.folder.replace(/\d+$/, String(client.pid)) ?? '');
    const next = wandbTracker({ ...bench.options, offline: false }).start(aRun('next'));
    next.log({ at: 0 });
    await expect.poll(() => bench.server.state.runs.get('rookery/birds/next')?.streams.size).toBeGreaterThan(0);
    expect(bench.server.state.runs.has('rookery/birds/held')).toBe(false);
    client.kill('SIGKILL');
    await once(client, 'exit');
    await expect.poll(() => listSpools(bench.options.spoolFolder).some((each) => each.run.id === 'held')).toBe(false);
    await next.finish({});
    expect(rates(await bench.read('held'))).toEqual(upTo(5));
  }, 60_000);

  it('that refuses the key is told of, and costs nothing else', async ({ expect }) => {
    await using bench = await open({ apiKey: 'wrong' });
    const run = bench.tracker.start(aRun('refused'));
    run.log({ at: 0 });
    await expect.poll(() => run.loss.reason).toBe('the server refuses the key (status 401)');
    await run.finish({});
    expect(listSpools(bench.options.spoolFolder)).toHaveLength(1);
  }, 30_000);

  it('what does not fit into the spool is counted, and what comes after closes up', async ({ expect }) => {
    await using bench = await open({ maxSpoolBytes: 6_000 });
    bench.server.faults.add({ fault: { kind: 'down' } });
    const run = bench.tracker.start(aRun('full'));
    for (const at of upTo(40)) run.log({ at, text: 'x'.repeat(500) });
    await expect.poll(() => run.loss.dropped, { timeout: 20_000 }).toBeGreaterThan(0);
    bench.server.faults.clear();
    await expect.poll(() => bench.server.state.runs.size, { timeout: 20_000 }).toBe(1);
    run.log({ at: 100 });
    await run.finish({});
    const kept = await bench.read('full');
    expect(rates(kept).at(-1)).toBe(100);
    expect(rates(kept)).toHaveLength(41 - run.loss.dropped);
    expect(kept.history.includes(undefined as never)).toBe(false);
  }, 60_000);

  it('a table that is interrupted wherever it may be is there once, before the row that names it', async ({
    expect,
  }) => {
    await using bench = await open();
    const steps = ['CreateArtifact', 'CommitArtifact'];
    for (const step of steps) {
      const when = ({ operation }: { operation: string | undefined }) => operation === step;
      bench.server.faults.add({ fault: { kind: 'lost-answer' }, when, times: 1 });
    }
    const stored = ({ method }: { method: string }) => method === 'PUT';
    bench.server.faults.add({ fault: { kind: 'status', status: 503 }, when: stored, times: 1 });
    const run = bench.tracker.start(aRun('torn'));
    const picture = { jpeg: Buffer.from('owl'), width: 1, height: 1 };
    run.table('samples', { columns: ['picture', 'key'], rows: [[picture, 'a.jpg']] });
    run.log({ at: 0 });
    await expect.poll(() => bench.server.state.runs.get('rookery/birds/torn')?.streams.size).toBeGreaterThan(0);
    await run.finish({});
    expect(run.loss.dropped).toBe(0);
    const kept = await bench.read('torn');
    expect(kept.history[0]).toMatchObject({ at: 0, samples: { _type: 'table-file', nrows: 1, ncols: 2 } });
    expect(kept.table?.json).toMatchObject({ nrows: 1 });
    const { artifacts } = bench.server.state;
    expect([...artifacts.values()].filter(({ state }) => state === 'COMMITTED')).toHaveLength(1);
  }, 60_000);

  it('a table that the server does not take is given up, told, and holds no row up', async ({ expect }) => {
    await using bench = await open();
    const when = ({ operation }: { operation: string | undefined }) => operation === 'CreateArtifact';
    bench.server.faults.add({ fault: { kind: 'status', status: 422 }, when });
    const run = bench.tracker.start(aRun('plain'));
    run.table('samples', { columns: ['key'], rows: [['a.jpg']] });
    for (const at of upTo(3)) run.log({ at });
    await run.finish({});
    expect(rates(await bench.read('plain'))).toEqual(upTo(3));
    expect(run.loss).toEqual({ dropped: 1, reason: 'status 422' });
  }, 30_000);

  it('whatever stands before it may answer with its own pages for a while: nothing is dropped', async ({ expect }) => {
    await using bench = await open();
    const page = '<!doctype html><title>404</title>default backend';
    for (const status of [404, 400, 200]) bench.server.faults.add({ fault: { kind: 'page', status, page }, times: 1 });
    const run = bench.tracker.start(aRun('paged'));
    for (const at of upTo(3)) run.log({ at });
    await expect
      .poll(() => run.loss.reason, { timeout: 10_000 })
      .toBe('status 404 and no JSON: is it a server of W&B?');
    await expect.poll(() => bench.server.state.runs.size, { timeout: 30_000 }).toBe(1);
    await run.finish({});
    expect(rates(await bench.read('paged'))).toEqual(upTo(3));
    expect(run.loss.dropped).toBe(0);
  }, 60_000);

  it('that asks to be left alone for a while is', async ({ expect }) => {
    await using bench = await open();
    const fault = { kind: 'status', status: 429, headers: { 'retry-after': '2' } } as const;
    bench.server.faults.add({ fault, times: 1 });
    const run = bench.tracker.start(aRun('asked'));
    const began = performance.now();
    // Each row would wake whoever waits.
    const rows = setInterval(() => run.log({ at: 0 }), 100);
    await expect.poll(() => bench.server.requests.length, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => bench.server.requests.length, { timeout: 10_000 }).toBeGreaterThan(1);
    expect(performance.now() - began).toBeGreaterThan(1_900);
    clearInterval(rows);
    await run.finish({});
  }, 30_000);

  it('gets the rest of a run where its beginning went, whoever sends it', async ({ expect }) => {
    await using bench = await open({ entity: 'team' });
    const when = ({ path }: { path: string }) => path.endsWith('/file_stream');
    bench.server.faults.add({ fault: { kind: 'black-hole' }, when });
    const run = bench.tracker.start(aRun('half'));
    run.log({ at: 0 });
    const picture = { jpeg: Buffer.from('owl'), width: 1, height: 1 };
    run.table('samples', { columns: ['picture'], rows: [[picture]] });
    run.log({ at: 1 });
    await expect.poll(() => bench.server.state.runs.has('team/birds/half')).toBe(true);
    await run.finish({});
    bench.server.faults.clear();
    const { baseUrl, apiKey, spoolFolder } = bench.options;
    await expect.poll(() => listSpools(spoolFolder).map(({ inUse }) => inUse)).toEqual([false]);
    const signal = AbortSignal.timeout(20_000);
    const outcomes = await flushSpools(spoolFolder, { baseUrl, apiKey, entity: 'another' }, signal);
    expect(outcomes).toEqual([{ id: 'half', sent: true, trouble: undefined }]);
    expect([...bench.server.state.runs.keys()]).toEqual(['team/birds/half']);
    expect([...bench.server.state.artifacts.values()].map(({ entity }) => entity)).toEqual(['team']);
  }, 60_000);

  it('offline: nothing is sent before it is asked for', async ({ expect }) => {
    await using bench = await open({ offline: true });
    const run = bench.tracker.start(aRun('off'));
    for (const at of upTo(3)) run.log({ at });
    await run.finish({ done: 1 });
    expect(bench.server.requests).toEqual([]);
    expect(listSpools(bench.options.spoolFolder)).toMatchObject([{ run: { id: 'off' } }]);
  }, 30_000);

  it('a process that is killed leaves its run to a client that ends it as crashed', async ({ expect }) => {
    await using bench = await open();
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./children/track-and-wait.mjs', import.meta.url)), JSON.stringify(bench.options)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await expect
      .poll(() => bench.server.state.runs.get('rookery/birds/killed')?.state, { timeout: 20_000 })
      .toBe('failed');
    expect(rates(await bench.read('killed'))).toEqual(upTo(3));
  }, 60_000);
});
