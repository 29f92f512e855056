import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { jobLayout } from '@rookery/contracts';
import { JobLedger } from '@rookery/jobs';
import { FsStore } from '@rookery/storage';
import { expect, it } from 'vitest';
import { enqueueJob, type JobRequest } from '../src/index.ts';
import { byteLines } from '../src/plan/byte-lines.ts';
import { csvFields } from '../src/plan/csv-fields.ts';
import { inventorySource } from '../src/plan/inventory-source.ts';
import { type KeySource, sourceStart } from '../src/plan/key-source.ts';
import { listSource } from '../src/plan/list-source.ts';
import { aBucket, aRequest, plannedKeys, tempFolder } from './fixtures.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function entries(source: KeySource, offset = 0) {
  const found = [];
  for await (const piece of source.entries({ ...sourceStart, offset })) found.push(...piece);
  return found;
}

/** Every entry's position takes the source up exactly behind it. */
async function expectResumable(source: KeySource): Promise<string[]> {
  const all = await entries(source);
  for (const [at, entry] of all.entries())
    expect((await entries(source, entry.next.offset)).map(({ item }) => item.key)).toEqual(
      all.slice(at + 1).map(({ item }) => item.key),
    );
  return all.map(({ item }) => item.key);
}

it.each([1, 2, 3, 7, 1000])('lines are the same however the bytes come in pieces of %i', async (size) => {
  const text = 'one\r\n\ntwo é🐦\u2028still two\n"three\nlines"\nlast';
  const lines: { text: string; end: number }[] = [];
  for await (const piece of byteLines(inPieces(text, size), { quoted: true })) lines.push(...piece);
  expect(lines.map((line) => line.text)).toEqual(['one', '', 'two é🐦\u2028still two', '"three\nlines"', 'last']);
  const bytes = Buffer.from(text);
  expect(lines.map(({ end }) => bytes.subarray(0, end).toString().split('\n').length)).toEqual([2, 3, 4, 6, 6]);
  expect(lines.at(-1)?.end).toBe(bytes.length);
});

it.each([
  ['a,b,c', ['a', 'b', 'c']],
  ['"a,b",c', ['a,b', 'c']],
  ['"a ""quoted"" b",,', ['a "quoted" b', '', '']],
  ['', ['']],
  ['"open', ['open']],
  ['"new\nline",x', ['new\nline', 'x']],
])('CSV %j reads as its fields', (record, fields) => {
  expect(csvFields(record)).toEqual(fields);
});

const aList = async (text: string, format: 'lines' | 'csv', bucket = 'pictures') => {
  const store = new FsStore(await tempFolder(), { sync: false });
  await store.put('list', text);
  return listSource({ store, key: 'list', bucket, format });
};

it('keys one a line, as they are or with their address', async () => {
  const source = await aList('a b.jpg\n\ns3://pictures/c+%20.jpg\r\nz/é.jpg', 'lines');
  expect(await expectResumable(source)).toEqual(['a b.jpg', 'c+%20.jpg', 'z/é.jpg']);
});

it('keys of a CSV may stand as addresses too, with titles and without; what S3 encodes may not', async () => {
  for (const list of [
    'size,key\n1,s3://pictures/a b.jpg\n2,c+%20.jpg\n',
    's3://pictures/a b.jpg,"""1"""\nc+%20.jpg,\n',
  ])
    expect(await expectResumable(await aList(list, 'csv'))).toEqual(['a b.jpg', 'c+%20.jpg']);
  await expect(entries(await aList('key\ns3://other/a.jpg\n', 'csv'))).rejects.toMatchObject({
    code: 'BUCKET_REFUSED',
  });
  expect(await expectResumable(await aList('pictures,s3%3A//pictures/a+b.jpg\n', 'csv'))).toEqual([
    's3://pictures/a b.jpg',
  ]);
});

it('a line of another bucket is refused, and a key that is too long is named', async () => {
  await expect(entries(await aList('s3://other/a.jpg', 'lines'))).rejects.toMatchObject({ code: 'BUCKET_REFUSED' });
  await expect(entries(await aList('x'.repeat(2000), 'lines'))).rejects.toMatchObject({ code: 'KEY_INVALID' });
});

it.each([
  [
    'UTF-16, as shells of Windows write it',
    'lines',
    Buffer.from('\uFEFFa.jpg\nb.jpg\n', 'utf16le'),
    'not text in UTF-8',
  ],
  ['Latin-1', 'lines', Buffer.from('a.jpg\né.jpg\n', 'latin1'), 'the line at byte 6 is not text in UTF-8'],
  ['names that end in NUL', 'lines', 'a.jpg\0b.jpg\0', 'not text in UTF-8'],
  ['bytes without an end of a line', 'lines', 'x'.repeat(2 << 20), 'longer than'],
  ['a quote that is not closed', 'csv', 'a.jpg\n"b.jpg\nc.jpg\n', 'the quote that is opened in the line at byte 6'],
  ['a quote that is not closed in a large file', 'csv', `a.jpg\n"b.jpg\n${'c.jpg\n'.repeat(400_000)}`, 'at byte 6 is'],
  ['semicolons between titles', 'csv', 'Key;Size\na.jpg;1\n', 'separated by commas'],
] as const)('a list of %s is refused, not taken for keys that are not there', async (_, format, content, why) => {
  const store = new FsStore(await tempFolder(), { sync: false });
  await store.put('list', content);
  const source = listSource({ store, key: 'list', bucket: 'pictures', format });
  await expect(entries(source)).rejects.toMatchObject({ code: 'USAGE', detail: expect.stringContaining(why) });
});

it('lines of nothing but blanks are no keys; signs that stand for others which are not known are', async () => {
  expect(await expectResumable(await aList('a.jpg\r\n  \r\n\t\n b \n\uFFFD.jpg\n', 'lines'))).toEqual([
    'a.jpg',
    ' b ',
    '\uFFFD.jpg',
  ]);
  expect(await expectResumable(await aList('key\na.jpg\n  \nb.jpg\n', 'csv'))).toEqual(['a.jpg', 'b.jpg']);
});

it('a key that is too long is told in one line', async () => {
  await expect(entries(await aList('x'.repeat(2000), 'lines'))).rejects.toMatchObject({
    detail: expect.stringMatching(/^"x+": key: .*1024 characters$/),
  });
});

it('CSV with titles in any order', async () => {
  const source = await aList(
    '\uFEFFSize,"Key",ETag,Last-Modified\n12,"a,b.jpg","""abc""",2026-01-01T00:00:00Z\n,c.jpg,,\n',
    'csv',
  );
  expect(await expectResumable(source)).toEqual(['a,b.jpg', 'c.jpg']);
  expect((await entries(source))[0]).toMatchObject({
    item: { key: 'a,b.jpg', etag: 'abc' },
    sizeBytes: 12,
    lastModified: new Date('2026-01-01T00:00:00Z'),
  });
});

it('CSV without titles, and as S3 Batch Operations writes it', async () => {
  expect(await expectResumable(await aList('a.jpg,e1\nb.jpg,e2\n', 'csv'))).toEqual(['a.jpg', 'b.jpg']);
  expect(await expectResumable(await aList('pictures,a+b%2B.jpg,v1\npictures,c.jpg,\n', 'csv'))).toEqual([
    'a b+.jpg',
    'c.jpg',
  ]);
});

it('an S3 Inventory of several packed files goes on in the middle of any of them', async () => {
  const store = new FsStore(await tempFolder(), { sync: false });
  const rows = (from: number) =>
    Array.from(
      { length: 5 },
      (_, at) => `"pictures","k+${from + at}%C3%A9.jpg","v${at}","${at !== 2}","false","10","e${from + at}"\n`,
    ).join('');
  await store.put('data/1.csv.gz', gzipSync(rows(0)));
  await store.put('data/2.csv.gz', gzipSync(rows(100)));
  await store.put(
    'report/manifest.json',
    JSON.stringify({
      sourceBucket: 'pictures',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, ETag',
      files: [{ key: 'data/1.csv.gz' }, { key: 'data/2.csv.gz' }],
    }),
  );
  const source = inventorySource({ store, key: 'report/manifest.json', bucket: 'pictures' });
  const numbers = [0, 1, 3, 4, 100, 101, 103, 104];
  expect(await expectResumable(source)).toEqual(numbers.map((number) => `k ${number}é.jpg`));
  expect((await entries(source))[0]).toMatchObject({ item: { etag: 'e0', versionId: 'v0' }, sizeBytes: 10 });
});

it('an inventory in a format that is not read is said to be one', async () => {
  const store = new FsStore(await tempFolder(), { sync: false });
  const manifest = { sourceBucket: 'pictures', fileFormat: 'ORC', fileSchema: 'x', files: [] };
  await store.put('manifest.json', JSON.stringify(manifest));
  const source = inventorySource({ store, key: 'manifest.json', bucket: 'pictures' });
  await expect(entries(source)).rejects.toMatchObject({ code: 'USAGE' });
});

it('what comes once (stdin) is kept in the job before anything else, and read from there when the job goes on', async () => {
  const { bucket, store } = await aBucket();
  const ledger = new JobLedger(new FsStore(await tempFolder(), { sync: false }));
  const request = (text: string): JobRequest =>
    aRequest(bucket, {
      taskSize: 2,
      source: { kind: 'manifest', bucket, format: 'lines', filter: {}, manifest: inPieces(text, 5) },
    });
  let tasks = 0;
  const onStep = (step: string) => {
    if (step === 'task' && ++tasks === 3) throw new Error('ended');
  };
  const keys = ['c', 'a', 'c', 'b', 'x', 'y', 'z'];
  const options = { ledger, open: () => store, entriesPerChunk: 2 };
  await expect(enqueueJob(request(keys.join('\n')), { ...options, onStep })).rejects.toThrow('ended');
  await enqueueJob(request('something else'), options);
  expect(await plannedKeys(ledger, 'a-job')).toEqual(keys);
  expect(await ledger.store.head(jobLayout('a-job').manifest)).toBeDefined();
});

it('a list at an address is read where it is', async () => {
  const { bucket, store } = await aBucket();
  const folder = await tempFolder();
  const lists = new FsStore(folder, { sync: false });
  await lists.put('my list.txt', 'a\nb\n');
  const ledger = new JobLedger(new FsStore(await tempFolder(), { sync: false }));
  const manifest = pathToFileURL(`${folder}/my list.txt`).href;
  const source = { kind: 'manifest', bucket, format: 'lines', filter: {}, manifest } as const;
  const open = (name: string) => (name === bucket ? store : new FsStore(new URL(name).pathname));
  await enqueueJob(aRequest(bucket, { source }), { ledger, open });
  expect(await plannedKeys(ledger, 'a-job')).toEqual(['a', 'b']);
});
