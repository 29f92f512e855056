import { encodeResultLine } from '@rookery/contracts';
import { parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import {
  csvResults,
  EarlierLines,
  JobLedger,
  parquetResults,
  sortExternally,
  streamLines,
  streamResults,
  takenOver,
} from '../src/index.ts';
import { aFailedLine, aJob, aLine, aPlannedJob, doTask, tempFolder, tempStore } from './fixtures.ts';

async function text(pieces: AsyncIterable<Uint8Array | string>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const piece of pieces) parts.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(parts).toString('utf8');
}

async function aMixedJob() {
  const ledger = new JobLedger(await tempStore());
  const job = await aPlannedJob(ledger, 3);
  await doTask(ledger, job, 2);
  await ledger.writeResult(job.id, 1, [
    aFailedLine(job, { key: 'a "b", c.jpg', etag: 'x' }, 'PICTURE_CORRUPT'),
    aLine(job, { key: 'new\nline.jpg', etag: 'y' }, 'a, "label"'),
  ]);
  await doTask(ledger, job, 0);
  return { ledger, job };
}

it('results come in the order of the items, byte for byte', async () => {
  const { ledger, job } = await aMixedJob();
  const lines = (await text(streamResults(ledger, job.id))).split('\n');
  expect(lines).toHaveLength(7);
  expect(lines[0]).toBe(encodeResultLine(aLine(job, { key: '00000000.jpg', etag: 'etag-00000000.jpg' })).trimEnd());
  expect(lines.map((line) => (line === '' ? '' : JSON.parse(line).key))).toEqual([
    '00000000.jpg',
    '00000001.jpg',
    'a "b", c.jpg',
    'new\nline.jpg',
    '00000004.jpg',
    '00000005.jpg',
    '',
  ]);
});

it('only the errors, where only the errors are asked for', async () => {
  const { ledger, job } = await aMixedJob();
  const only = await text(streamResults(ledger, job.id, { errorsOnly: true }));
  expect(only).toBe(encodeResultLine(aFailedLine(job, { key: 'a "b", c.jpg', etag: 'x' }, 'PICTURE_CORRUPT')));
});

it('results of a job that is not complete are refused, unless a part is asked for', async () => {
  const ledger = new JobLedger(await tempStore());
  const job = await aPlannedJob(ledger, 3);
  await doTask(ledger, job, 1);
  await expect(text(streamResults(ledger, job.id))).rejects.toMatchObject({ code: 'JOB_NOT_COMPLETE' });
  expect((await text(streamResults(ledger, job.id, { partial: true }))).split('\n')).toHaveLength(3);
  await expect(text(streamResults(ledger, 'no-such-job'))).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('CSV quotes what needs it and has a column for each rank', async () => {
  const { ledger, job } = await aMixedJob();
  const csv = await text(csvResults(streamLines(ledger, job.id), job.top));
  const rows = csv.split('\n');
  expect(rows[0]).toBe('key,etag,size,width,height,model,error,label_1,index_1,score_1,label_2,index_2,score_2');
  expect(csv).toContain(`"a ""b"", c.jpg",x,100,,,${aLine(job, { key: '' }).model},PICTURE_CORRUPT,,,,,,\n`);
  expect(csv).toContain('"new\nline.jpg",y,100,10,10,');
  expect(csv).toContain('"a, ""label""",1,0.75,other,2,0.25\n');
});

it('Parquet reads back as the lines', async () => {
  const { ledger, job } = await aMixedJob();
  const pieces: Buffer[] = [];
  for await (const piece of parquetResults(streamLines(ledger, job.id))) pieces.push(Buffer.from(piece));
  const bytes = Buffer.concat(pieces);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({ file });
  expect(rows).toHaveLength(6);
  expect(rows[0]).toMatchObject({
    key: '00000000.jpg',
    size: 100n,
    width: 10,
    error: null,
    label: 'robin',
    score: 0.75,
    predictions: aLine(job, { key: '' }).predictions,
  });
  expect(rows[2]).toMatchObject({ error: 'PICTURE_CORRUPT', label: null, width: null });
});

it('Parquet is written a row group at a time, and reading may stop early', async () => {
  const job = aJob();
  let made = 0;
  async function* many() {
    for (let piece = 0; piece < 400; piece++)
      yield Array.from({ length: 100 }, () => aLine(job, { key: `${made++}.jpg` }));
  }
  const pieces: Buffer[] = [];
  for await (const piece of parquetResults(many())) {
    // Never more than a row group ahead of what was taken.
    expect(made).toBeLessThanOrEqual((pieces.length + 2) * 10_000);
    pieces.push(Buffer.from(piece));
  }
  const bytes = Buffer.concat(pieces);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  expect(await parquetReadObjects({ file, columns: ['key'] })).toHaveLength(40_000);
  made = 0;
  for await (const _ of parquetResults(many())) break;
  expect(made).toBeLessThan(40_000);
});

it('a line is taken over where its outcome belongs to the bytes', () => {
  const job = aJob();
  const [item, line] = [{ key: 'a' }, aLine(job, { key: 'a' })];
  expect(takenOver(line, 2, 2)).toBe(line);
  expect(takenOver(line, 2, 1)?.predictions).toHaveLength(1);
  expect(takenOver(line, 2, 3)).toBeUndefined();
  // Two labels where three were asked for: the model has only two.
  expect(takenOver(line, 3, 5)).toBe(line);
  expect(takenOver(aFailedLine(job, item, 'PICTURE_CORRUPT'), 2, 3)).toBeDefined();
  expect(takenOver(aFailedLine(job, item, 'SOURCE_NOT_FOUND'), 2, 2)).toBeUndefined();
  expect(takenOver(aFailedLine(job, item, 'SOURCE_CHANGED'), 2, 2)).toBeUndefined();
});

it('sorting spills to disk, keeps equal records in order, and leaves nothing behind', async () => {
  const folder = await tempFolder();
  async function* records() {
    for (let at = 0; at < 20_000; at++) yield { key: (at * 7_919) % 997, at };
  }
  const sorted: { key: number; at: number }[] = [];
  for await (const record of sortExternally(records(), {
    compare: (a, b) => a.key - b.key,
    folder,
    memoryBytes: 20_000,
  }))
    sorted.push(record);
  expect(sorted).toHaveLength(20_000);
  const expected = [...sorted].sort((a, b) => a.key - b.key || a.at - b.at);
  expect(sorted).toEqual(expected);
  const { readdir } = await import('node:fs/promises');
  expect(await readdir(folder)).toEqual([]);
});

it('sorting that cannot spill says where to, and what the system said', async () => {
  const folder = `${await tempFolder()}/nowhere`;
  async function* records() {
    for (let at = 0; at < 100; at++) yield at;
  }
  const sorted = sortExternally(records(), { compare: (a, b) => a - b, folder, memoryBytes: 100 });
  await expect(sorted.next()).rejects.toMatchObject({
    code: 'STORE_DENIED',
    detail: `temporary files for sorting go into ${folder} (TMPDIR): ENOENT`,
  });
});

it('earlier lines are found in the order of UTF-8 bytes, from a list in any order', async () => {
  const ledger = new JobLedger(await tempStore());
  // In UTF-16 the emoji would come before U+FF01; in UTF-8 it comes after.
  const keys = ['z', '\u{1F426}', 'a', '\uFF01', 'a'];
  const source = { kind: 'manifest', bucket: 'pictures', manifest: 'list', format: 'lines', filter: {} } as const;
  const { job } = await ledger.create(aJob({ source, taskSize: 5 }));
  await ledger.writeResult(
    job.id,
    0,
    keys.map((key) => aLine(job, { key, etag: '1' })),
  );
  await using lines = new EarlierLines(ledger, job);
  const found: [string, number][] = [];
  for (const key of ['a', 'b', 'z', '\uFF01', '\u{1F426}']) found.push([key, (await lines.find(key)).length]);
  expect(found).toEqual([
    ['a', 2],
    ['b', 0],
    ['z', 1],
    ['\uFF01', 1],
    ['\u{1F426}', 1],
  ]);
});
