import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fleetLayout, type WorkerBeat } from '@rookery/contracts';
import { JobLedger, modelOf } from '@rookery/jobs';
import { FsStore } from '@rookery/storage';
import { expect, it } from 'vitest';
import { watchLine } from '../src/produce/follow-job.ts';
import { parseSource } from '../src/produce/parse-source.ts';
import { RefusalWatch } from '../src/produce/refusal-watch.ts';
import { StallWatch } from '../src/produce/stall-watch.ts';
import { aFolder, runCommand } from './a-host.ts';

/** A folder with pictures and one with a store; commands run beside them. */
function aPlace(count = 5) {
  const cwd = aFolder();
  mkdirSync(join(cwd, 'photos'));
  for (let at = 0; at < count; at++) writeFileSync(join(cwd, 'photos', `${at}.jpg`), `picture ${at}`);
  writeFileSync(join(cwd, 'photos', 'notes.txt'), 'no picture');
  const ledger = new JobLedger(new FsStore(join(cwd, '.rookery'), { sync: false }));
  return { cwd, ledger, rookery: (...argv: string[]) => runCommand(argv, { cwd }) };
}

async function label(ledger: JobLedger, id: string): Promise<void> {
  const job = await ledger.read(id);
  const sealed = await ledger.findSealed(id);
  for (let seq = 0; seq < (sealed?.tasks ?? 0); seq++) {
    const { items } = await ledger.readTask(id, seq);
    const lines = items.map(({ key, etag }, at) => {
      const known = { key, etag: etag ?? null, size: 9, model: modelOf(job) };
      if (key === '3.jpg')
        return {
          ...known,
          width: null,
          height: null,
          predictions: [],
          error: { code: 'PICTURE_CORRUPT', message: 'x' },
        };
      return { ...known, width: 4, height: 3, predictions: [{ label: 'safe', index: 2, score: 0.5 + at / 100 }] };
    });
    await ledger.writeResult(id, seq, lines);
  }
}

it('a job of a folder: enqueued, watched, read, retried, deleted', async () => {
  const { cwd, ledger, rookery } = aPlace();
  const enqueued = await rookery('enqueue', 'photos', '--job', 'first', '--top', '1');
  expect(enqueued).toMatchObject({ code: 0, stdout: 'first\n' });
  expect(enqueued.stderr).toContain('5 pictures in 5 tasks');
  expect((await rookery('jobs', 'list')).stdout).toMatch(/first\s+running\s+0 of 5\s+content/);
  await expect(rookery('jobs', 'results', 'first')).resolves.toMatchObject({ code: 1 });
  await label(ledger, 'first');
  const watched = await rookery('jobs', 'watch', 'first');
  expect(watched.code).toBe(1);
  expect(watched.stderr).toMatch(/5\/5 .*1 failed {2}complete/);
  expect((await rookery('jobs', 'show', 'first')).stdout).toMatch(/labels\s+safe 4\nerrors\s+PICTURE_CORRUPT 1\n/);
  const lines = (await rookery('jobs', 'results', 'first')).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).key)).toEqual(['0.jpg', '1.jpg', '2.jpg', '3.jpg', '4.jpg']);
  expect((await rookery('jobs', 'results', 'first', '--errors-only')).stdout.trimEnd().split('\n')).toHaveLength(1);
  expect((await rookery('jobs', 'results', 'first', '--format', 'csv')).stdout).toContain('0.jpg,');
  expect((await rookery('jobs', 'results', 'first', '--format', 'parquet', '--output', 'labels.parquet')).code).toBe(0);
  expect(readFileSync(join(cwd, 'labels.parquet')).subarray(0, 4).toString()).toBe('PAR1');
  expect((await rookery('jobs', 'show', 'latest')).stdout).toMatch(/job\s+first\n/);
  expect((await rookery('jobs', 'results', 'latest')).stdout.trimEnd().split('\n')).toEqual(lines);
  expect((await rookery('jobs', 'retry', 'first', '--job', 'second')).stdout).toBe('second\n');
  expect((await rookery('jobs', 'delete', 'second')).stdout).toBe('second is deleted\n');
  expect((await rookery('jobs', 'delete', 'first')).code).toBe(0);
  expect((await rookery('jobs', 'list')).stdout).toMatch(/^no jobs in file:\/\/.*\/\.rookery\/\n$/);
}, 60_000);

it('what was labelled before is not labelled again, and a dry run says so first', async () => {
  const { cwd, ledger, rookery } = aPlace();
  await rookery('enqueue', 'photos', '--job', 'first');
  await label(ledger, 'first');
  writeFileSync(join(cwd, 'photos', '9.jpg'), 'new');
  const dry = await rookery('enqueue', 'photos', '--since', 'latest', '--dry-run', '--rate', '10', '--json');
  expect(JSON.parse(dry.stdout)).toMatchObject({ pictures: 6, takenOver: 5, since: 'first', seconds: 0.1 });
  const again = await rookery('enqueue', 'photos', '--since', 'latest', '--json');
  const { job } = JSON.parse(again.stdout);
  expect((await rookery('jobs', 'show', job)).stdout).toMatch(/since\s+first/);
  expect(await ledger.findResult(job, 0)).toEqual(await ledger.findResult('first', 0));
}, 60_000);

it('keys on stdin, cancelled, and gone on with by name', async () => {
  const { cwd, rookery } = aPlace();
  const list = await runCommand(['enqueue', '-', '--bucket', './photos', '--job', 'list'], {
    cwd,
    stdin: '1.jpg\nnotes.txt\n',
  });
  expect(list.stderr).toContain('2 pictures');
  expect((await rookery('enqueue', '--job', 'list')).stdout).toBe('list\n');
  expect((await rookery('jobs', 'cancel', 'list')).code).toBe(0);
  expect((await rookery('jobs', 'watch', 'list')).stderr).toContain('cancelled');
  expect((await rookery('jobs', 'delete', 'list')).stderr).toContain('--yes');
  expect((await rookery('jobs', 'delete', 'list', '--yes')).code).toBe(0);
}, 60_000);

it.each([
  [['enqueue'], 'name a SOURCE'],
  [['enqueue', 'nowhere'], 'SOURCE_NOT_FOUND'],
  [['enqueue', 'photos', '--limit', '0'], '--limit: got "0", allowed: a whole number from 1'],
  [['enqueue', 'photos', '--modified-after', 'yesterday'], '--modified-after: got "yesterday"'],
  [['enqueue', 'photos', '--modified-after', '2026-02-31'], '--modified-after: got "2026-02-31"'],
  [
    ['enqueue', 'photos', '--modified-after', '2026-02-01', '--modified-before', '2026-01-01'],
    'nothing is both after --modified-after and before --modified-before',
  ],
  [['enqueue', 'photos', '--min-size', '2kB', '--max-size', '1kB'], 'at least --min-size and of at most --max-size'],
  [['enqueue', 'photos', '--glob', ''], '--glob: no pattern'],
  [['enqueue', 'photos', '--glob', './x/../../*.jpg'], '--glob ./x/../../*.jpg: ".." leads out of the prefix'],
  [['enqueue', 'photos', '--suffixes', ''], '--suffixes: no ending'],
  [['enqueue', 'photos', '--bucket', 's3://pictures'], '--bucket is for lists'],
  [['enqueue', 'nowhere.txt', '--bucket', 's3://pictures'], 'SOURCE_NOT_FOUND'],
  [['enqueue', 's3://my photos/x'], '3 to 63 lower-case letters, digits, "." or "-"'],
  [['enqueue', '-'], '--bucket says where they lie'],
  [['enqueue', 'photos', '--shards', '--tag'], 'members of shards have no tags'],
  [['enqueue', '-', '--shards'], '--shards is for tar files'],
  [['enqueue', 'ftp://x/y'], 'allowed are s3://bucket/prefix and folders'],
  [['jobs', 'show', 'nothing'], 'JOB_NOT_FOUND'],
  [['jobs', 'results', 'nothing', '--format', 'xml'], 'jsonl, csv, parquet'],
  [['ingest'], '--queue: redis://host:port or sqs://name'],
  [['ingest', '--queue', 'redis://127.0.0.1:1'], '--events'],
  [['reconcile', 'photos'], 'queue.address'],
  [['ingest', '--queue', 'redis://127.0.0.1:1', '--events', 'sqs://photo-events'], 'QUEUE_UNAVAILABLE'],
  [['queue', 'show', '--queue', 'redis://ann:pa/ss@127.0.0.1:1'], '"redis://ann:[redacted]@127.0.0.1:1": a "/"'],
  [['queue', 'show', '--queue', 'redis://ann:a,b@127.0.0.1:1'], 'QUEUE_UNAVAILABLE'],
  [['queue', 'show', '--queue', 'redis://127.0.0.1:1/birds'], 'a database is a number, not "birds"'],
  [['queue', 'show', '--queue', 'redis://127.0.0.1:1/0?prefix=x'], 'nothing may stand behind'],
  [['queue', 'show', '--queue', 'redis://a:1,b:2'], 'a Sentinel or Cluster is not spoken with'],
  [['queue', 'show', '--queue', 'redis+sentinel://a:1/primary'], 'a Sentinel or Cluster is not spoken with'],
  [['queue', 'show', '--queue', 'sqs://birds.fifo'], 'a standard queue, not FIFO'],
  [['queue', 'show', '--queue', 'https://sqs.eu-west-1.amazonaws.com/1/birds-jobs'], 'named, as sqs://name'],
])('rookery %j says what is wrong', async (argv, text) => {
  const { code, stderr } = await aPlace(1).rookery(...argv);
  expect(code).toBeGreaterThan(0);
  expect(stderr).toContain(text);
});

it('a source is told by its name', async () => {
  const { cwd } = aPlace();
  writeFileSync(join(cwd, 'keys.csv'), 'key\n');
  mkdirSync(join(cwd, 'report'));
  writeFileSync(join(cwd, 'report', 'manifest.json'), '{}');
  async function* stdin() {
    yield 'x';
  }
  const parse = (text: string, options = {}) =>
    parseSource(text, options, { cwd, stdin: stdin(), suffixes: undefined });
  expect(await parse('s3://pictures/p/q')).toMatchObject({ kind: 'prefix', bucket: 'pictures', prefix: 'p/q' });
  expect(await parse('s3://pictures')).toMatchObject({ kind: 'prefix', bucket: 'pictures', prefix: '' });
  expect(await parse('photos')).toMatchObject({ kind: 'prefix', bucket: pathToFileURL(join(cwd, 'photos')).href });
  expect(await parse('keys.csv', { bucket: 'pictures' })).toMatchObject({
    kind: 'manifest',
    format: 'csv',
    bucket: 'pictures',
  });
  expect(await parse('s3://inventory/x/manifest.json', { bucket: 's3://pictures' })).toMatchObject({
    format: 'inventory',
    manifest: 's3://inventory/x/manifest.json',
  });
  expect(await parse('report/manifest.json', { bucket: 'pictures' })).toMatchObject({
    manifest: pathToFileURL(join(cwd, 'report', 'manifest.json')).href,
  });
  const shards = { kind: 'shards', bucket: 'pictures' };
  expect(await parse('s3://pictures/x/s-*.tar', { shards: true })).toMatchObject({
    ...shards,
    prefix: 'x/',
    glob: 's-*.tar',
  });
  expect(await parse('s3://pictures/x/s', { shards: true })).toMatchObject({
    ...shards,
    prefix: 'x/s',
    glob: '**/*.tar',
  });
  expect((await parse('photos', { minSize: '1kB', sample: '0.5' })).filter).toMatchObject({
    minSizeBytes: 1000,
    sample: 0.5,
  });
});

it('the bar of a running job', () => {
  const progress = {
    job: 'x',
    state: 'running',
    tasks: { done: 1, planned: 2 },
    pictures: { done: 250, planned: 500 },
    failed: 3,
    picturesPerSecond: 83.4,
    leftMs: 3_000,
    submittedAt: new Date(),
    firstResultAt: undefined,
    lastResultAt: undefined,
  } as const;
  expect(watchLine(progress, false)).toBe(`${'━'.repeat(12)}${'─'.repeat(12)} 250/500  83/s  3 failed  3 s left`);
  // A line that a narrow terminal wraps would be drawn again and again below itself.
  expect(watchLine(progress, false, 40)).toBe('250/500  83/s  3 failed  3 s left');
  expect(watchLine(progress, false, 23)).toBe('250/500  83/s');
});

it('a store that is not there is told, not taken for one without jobs', async () => {
  const cwd = aFolder();
  const rookery = (...argv: string[]) => runCommand(argv, { cwd });
  for (const argv of [['list'], ['show', 'first'], ['results', 'first'], ['watch', 'first'], ['cancel', 'first']])
    expect(await rookery('jobs', ...argv, '--store', 'tipo')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`STORE_NOT_FOUND: there is no such bucket or folder: ${join(cwd, 'tipo')}`),
    });
  expect(await rookery('jobs', 'list')).toMatchObject({
    code: 0,
    stdout: `no jobs in ${pathToFileURL(cwd)}/.rookery/\n`,
  });
  expect(await rookery('jobs', 'list', '--store', 'https://a.example')).toMatchObject({ code: 2 });
});

it('names, shares and notes that cannot be are refused before anything is made', async () => {
  const { rookery } = aPlace();
  for (const flags of [
    ['--job', 'Bad Name'],
    ['--sample', '0'],
    ['--note', 'x'.repeat(1001)],
  ])
    expect(await rookery('enqueue', 'photos', ...flags)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`error USAGE: ${flags[0]}: got`),
    });
  expect((await rookery('jobs', 'list')).stdout).toContain('no jobs');
});

it('a job that is complete cannot be cancelled', async () => {
  const { ledger, rookery } = aPlace(1);
  await rookery('enqueue', 'photos', '--job', 'first');
  await label(ledger, 'first');
  expect(await rookery('jobs', 'cancel', 'first')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('JOB_COMPLETE'),
  });
  expect(await ledger.findCancelled('first')).toBeUndefined();
});

it('of a job that is not complete nothing is written unless it is asked for', async () => {
  const { ledger, rookery } = aPlace(3);
  await rookery('enqueue', 'photos', '--job', 'first', '--task-size', '1');
  const { items } = await ledger.readTask('first', 0);
  const lines = items.map(({ key }) => ({
    ...{ key, etag: null, size: 9, width: 4, height: 3, model: `sha256:${'0'.repeat(64)}` as const },
    predictions: [{ label: 'safe', index: 2, score: 0.5 }],
  }));
  await ledger.writeResult('first', 0, lines);
  expect(await rookery('jobs', 'results', 'first')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('JOB_NOT_COMPLETE'),
  });
  expect((await rookery('jobs', 'results', 'first', '--partial')).stdout.trimEnd().split('\n')).toHaveLength(1);
});

it('a count that stands still is told once, until it moves', () => {
  let now = 0;
  const watch = new StallWatch(60, () => now);
  expect(watch.look(0)).toBe(false);
  now = 60;
  expect([watch.look(0), watch.look(0), watch.look(1)]).toEqual([true, false, false]);
  now = 119;
  expect(watch.look(1)).toBe(false);
  now = 120;
  expect(watch.look(1)).toBe(true);
});

it('a dry run counts a list that lies here, and copies it nowhere; keys on stdin come once', async () => {
  const { cwd, ledger, rookery } = aPlace();
  writeFileSync(join(cwd, 'keys.csv'), 'key,size\n1.jpg,10\n2.jpg,30\n');
  const dry = await rookery('enqueue', 'keys.csv', '--bucket', './photos', '--dry-run', '--json');
  expect(JSON.parse(dry.stdout)).toMatchObject({ pictures: 2, bytes: 40, requests: { get: 2 } });
  const told = await rookery('enqueue', 'keys.csv', '--bucket', './photos', '--min-size', '20', '--dry-run');
  expect(told.stdout).toMatch(/^pictures +1, 30 B\n.*\ncost +\$0\.00 .*\ntime +/s);
  for await (const page of ledger.store.list('')) expect(page).toEqual([]);
  expect(await rookery('enqueue', '-', '--bucket', './photos', '--dry-run')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('can only be read once'),
  });
}, 60_000);

it('no job is called as the newest one is', async () => {
  const { rookery, ledger } = aPlace();
  const refused = { code: 2, stderr: expect.stringContaining('"latest" stands for the newest job') };
  expect(await rookery('enqueue', 'photos', '--job', 'latest', '--no-feed')).toMatchObject(refused);
  expect(await rookery('enqueue', 'photos', '--job', 'latest', '--dry-run')).toMatchObject(refused);
  expect(await ledger.find('latest')).toBeUndefined();
});

it("a source in Rookery's own store is told apart from one without pictures", async () => {
  const { cwd, rookery } = aPlace();
  const own = join(cwd, '.rookery', 'labels', 'photos');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'owl.jpg'), 'picture');
  const said = /it lies in Rookery's own store, file:\/\/.*\.rookery\/, whose objects never become work/;
  expect((await rookery('enqueue', own, '--no-feed')).stderr).toMatch(said);
  expect((await rookery('enqueue', own, '--dry-run')).stdout).toMatch(said);
});

it('a source without pictures is told', async () => {
  const { rookery } = aPlace();
  const { code, stderr } = await rookery('enqueue', 'photos', '--job', 'none', '--glob', '*.gif');
  expect([code, stderr]).toEqual([0, expect.stringMatching(/0 pictures in 0 tasks\.\nNothing in .*photos.* passes/)]);
});

it('a job that no worker can run says so, and why, as long as a worker does', async () => {
  const { cwd, ledger, rookery } = aPlace();
  await rookery('enqueue', 'photos', '--job', 'first');
  const beat = (id: string, cannot: WorkerBeat['cannot']) =>
    ledger.store.put(
      fleetLayout.worker(id),
      JSON.stringify({
        ...{ v: 1, id, startedAt: new Date().toISOString(), uptimeMs: 1, state: 'ready', model: null, pictures: 0 },
        ...{ p50Ms: null, p95Ms: null, drift: null, cannot },
      } satisfies WorkerBeat),
    );
  const pin = modelOf(await ledger.read('first'));
  await beat('able', []);
  expect((await rookery('jobs', 'show', 'first')).stdout).not.toContain('refused');
  await beat('unable', [{ pin, why: 'no content@9 (fp32) in the registry' }]);
  await beat('gone', [{ pin, why: 'nobody hears this' }]);
  const longAgo = new Date(Date.now() - 300_000);
  utimesSync(join(cwd, '.rookery', fleetLayout.worker('gone')), longAgo, longAgo);
  const note = '1 of 2 workers cannot run it: no content@9 (fp32) in the registry';
  expect((await rookery('jobs', 'show', 'first')).stdout).toMatch(
    new RegExp(`refused +${note.replace(/[()]/g, '\\$&')}\n`),
  );
  expect(JSON.parse((await rookery('jobs', 'show', 'first', '--json')).stdout)).toMatchObject({ refusal: note });
  await label(ledger, 'first');
  expect((await rookery('jobs', 'show', 'first')).stdout).not.toContain('refused');
}, 60_000);

it('why a count stands still is asked now and then, and each answer told once', async () => {
  let now = 0;
  let answer: string | undefined = 'this';
  let asked = 0;
  const watch = new RefusalWatch(
    10,
    () => {
      asked++;
      return Promise.resolve(answer);
    },
    () => now,
  );
  const at = (ms: number, count: number) => {
    now = ms;
    return watch.look(count);
  };
  expect([await at(0, 0), await at(9, 0), await at(10, 0), await at(20, 0)]).toEqual([
    undefined,
    undefined,
    'this',
    undefined,
  ]);
  answer = 'that';
  expect([await at(29, 0), await at(30, 0), await at(40, 1), await at(50, 1)]).toEqual([
    undefined,
    'that',
    undefined,
    undefined,
  ]);
  expect(asked).toBe(4);
});
