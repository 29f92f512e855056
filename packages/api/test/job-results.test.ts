import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobView, ResultLine } from '@rookery/contracts';
import { parquetReadObjects } from 'hyparquet';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobFleet } from './a-fleet.ts';

let fleet: JobFleet;
let job: JobView;
let text: string;
let lines: ResultLine[];
beforeAll(async () => {
  fleet = await JobFleet.start({ jobs: { limits: { downloads: 2, resultsPerPage: 4 } } });
  await fleet.photos(18, 'r');
  await fleet.put('r/0007.jpg', 'this is no picture');
  await fleet.put('r/0011.jpg', '');
  const { id } = await fleet.job({ source: { kind: 'prefix', bucket: fleet.bucket, prefix: 'r/' } });
  job = await fleet.until(id);
  text = await (await results()).text();
  lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
});
afterAll(() => fleet[Symbol.asyncDispose]());

const results = (query = '', headers: Record<string, string> = {}, method = 'GET') =>
  fleet.call(`/v1/jobs/${job.id}/results${query}`, { headers, method });
const pageOf = async (query: string) => (await fleet.call(`/v1/jobs/${job.id}/lines?${query}`)).json();

describe('results as a file', () => {
  it('are JSON lines in the order of the pictures, with their length and a name', async () => {
    const answer = await results();
    expect(lines.map(({ key }) => key)).toEqual(
      Array.from({ length: 18 }, (_, n) => `r/${String(n).padStart(4, '0')}.jpg`),
    );
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${job.id}.jsonl"`);
    await answer.body?.cancel();
  });

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=100-1500', 100, 1501],
    ['bytes=2000-', 2000, undefined],
    ['bytes=-77', -77, undefined],
  ])('go on at any byte: %s', async (range, start, end) => {
    const bytes = Buffer.from(text);
    const answer = await results('', { range });
    const part = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(206);
    expect(part.equals(bytes.subarray(start, end))).toBe(true);
    const from = start < 0 ? bytes.length + start : start;
    expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${from + part.length - 1}/${bytes.length}`);
  });

  it('have a tag that stays: unchanged is told, another one gives the whole', async () => {
    const etag = (await results()).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect((await results('', { 'if-none-match': etag })).status).toBe(304);
    expect((await results('', { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    const other = await results('', { range: 'bytes=0-1', 'if-range': '"other"' });
    expect([other.status, await other.text()]).toEqual([200, text]);
  });

  it('refuse bytes that are not there, and tell how many there are', async () => {
    const answer = await results('', { range: `bytes=${text.length + 5}-` });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, `bytes */${Buffer.byteLength(text)}`]);
    expect((await answer.json()).code).toBe('RANGE_NOT_SATISFIABLE');
  });

  it('tell their headers without a body', async () => {
    const answer = await results('', {}, 'HEAD');
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  it('are CSV where that is asked for, by query or by Accept', async () => {
    const csv = await (await results('?format=csv')).text();
    expect(csv.split('\n')).toHaveLength(20);
    expect(csv.split('\n')[0]).toBe(
      'key,etag,size,width,height,model,error,label_1,index_1,score_1,label_2,index_2,score_2,label_3,index_3,score_3',
    );
    const accepted = await results('', { accept: 'text/html, text/csv;q=0.9, */*' });
    expect([accepted.headers.get('content-type'), await accepted.text()]).toEqual(['text/csv; charset=utf-8', csv]);
    const rather = await results('', {
      accept: 'text/csv;q=0, application/x-parquet;q=0.2, application/x-ndjson; q=0.3',
    });
    expect([rather.headers.get('content-type'), await rather.text()]).toEqual([
      'application/x-ndjson',
      expect.any(String),
    ]);
  });

  it('are Parquet where that is asked for, readable by another reader', async () => {
    const answer = await results('?format=parquet');
    expect(answer.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const rows = await parquetReadObjects({ file: await answer.arrayBuffer() });
    expect(rows.map(({ key, label, error }) => [key, label ?? null, error ?? null])).toEqual(
      lines.map(({ key, predictions, error }) => [key, predictions[0]?.label ?? null, error?.code ?? null]),
    );
  });

  it('are filtered: errors only, one label only, in every format', async () => {
    const errors = await (await results('?errors=true')).text();
    expect(
      errors
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).error.code),
    ).toEqual(['UNSUPPORTED_FORMAT', 'PICTURE_EMPTY']);
    const label = lines[0]?.predictions[0]?.label ?? '';
    const ofLabel = lines.filter(({ error, predictions }) => !error && predictions[0]?.label === label);
    const some = await (await results(`?label=${encodeURIComponent(label)}`)).text();
    expect(some).toBe(ofLabel.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const csv = await (await results(`?format=csv&label=${encodeURIComponent(label)}`)).text();
    expect(csv.trim().split('\n')).toHaveLength(ofLabel.length + 1);
    expect(await (await results('?label=nothing')).text()).toBe('');
  });

  it('of a job that still runs are given only in part', async () => {
    const other = await JobFleet.start({ worker: false });
    await other.photos(1);
    const { id } = await other.job({ source: { kind: 'prefix', bucket: other.bucket, prefix: 'a/' } });
    const answer = await other.call(`/v1/jobs/${id}/results`);
    expect([answer.status, (await answer.json()).code]).toEqual([409, 'JOB_NOT_COMPLETE']);
    const part = await other.call(`/v1/jobs/${id}/results?partial=true`);
    expect([part.status, await part.text(), part.headers.get('etag')]).toEqual([200, '', null]);
    await other[Symbol.asyncDispose]();
  });

  it('are refused beyond so many downloads at once, and given again when one is over', async () => {
    const { store } = fleet.parts;
    const get = store.get.bind(store);
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    store.get = async (...args) => {
      await held;
      return get(...args);
    };
    try {
      const answers = Promise.all([results(), results()]);
      await expect.poll(async () => (await results('', {}, 'GET')).status, { timeout: 5_000 }).toBe(503);
      goOn();
      for (const answer of await answers) expect(await answer.text()).toBe(text);
    } finally {
      goOn();
      store.get = get;
    }
    await expect.poll(async () => (await results('', { range: 'bytes=0-0' })).status).toBe(206);
  });
});

describe('a page of lines', () => {
  it('leads to the next one until all were seen, each once', async () => {
    const seen: ResultLine[] = [];
    let cursor: string | null = '0.0';
    while (cursor !== null) {
      const page = await pageOf(`limit=5&cursor=${cursor}`);
      expect(page.lines.length).toBeLessThanOrEqual(5);
      expect(page.positions).toHaveLength(page.lines.length);
      seen.push(...page.lines);
      cursor = page.next;
    }
    expect(seen).toEqual(lines);
  });

  it('has only what its filters let through, and may be empty and lead on', async () => {
    const all = async (query: string) => {
      const seen: ResultLine[] = [];
      let pages = 0;
      for (let cursor: string | null = '0.0'; cursor !== null; pages++) {
        const page = await pageOf(`${query}&cursor=${cursor}`);
        seen.push(...page.lines);
        cursor = page.next;
      }
      return { keys: seen.map(({ key }) => key), pages };
    };
    expect((await all('outcome=failed')).keys).toEqual(['r/0007.jpg', 'r/0011.jpg']);
    expect((await all('code=PICTURE_EMPTY')).keys).toEqual(['r/0011.jpg']);
    const score = lines[0]?.predictions[0]?.score ?? 0;
    const high = lines.filter(({ predictions: [best] }) => best && best.score >= score).map(({ key }) => key);
    expect((await all(`minScore=${score}`)).keys).toEqual(high);
    expect((await all('search=0013')).keys).toEqual(['r/0013.jpg']);
    const nothing = await all('label=nothing');
    expect([nothing.keys, nothing.pages > 1]).toEqual([[], true]);
  });

  it.each(['limit=501', 'limit=0', 'cursor=x', 'cursor=1', 'minScore=2', 'outcome=good'])(
    'refuses %s',
    async (query) => {
      expect((await fleet.call(`/v1/jobs/${job.id}/lines?${query}`)).status).toBe(400);
    },
  );
});

describe('a picture of a job', () => {
  const picture = (query: Record<string, string>, headers: Record<string, string> = {}) =>
    fleet.call(`/v1/jobs/${job.id}/picture?${new URLSearchParams(query)}`, { headers });

  it('is shown scaled down, as WebP, and is not sent twice', async () => {
    const answer = await picture({ key: 'r/0001.jpg', size: '64' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp']);
    const { width = 0, height = 0, format, exif } = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
    expect([Math.max(width, height), format, exif]).toEqual([64, 'webp', undefined]);
    const etag = answer.headers.get('etag') ?? '';
    expect((await picture({ key: 'r/0001.jpg', size: '64' }, { 'if-none-match': etag })).status).toBe(304);
  });

  it('is found by where its line stands', async () => {
    const { lines: some, positions } = await pageOf('limit=3');
    const at = positions[2];
    expect((await picture({ key: some[2].key, at })).status).toBe(200);
    expect((await picture({ key: some[1].key, at })).status).toBe(404);
    expect((await picture({ key: some[2].key, at: '9999.0' })).status).toBe(404);
  });

  it.each(['r/read-me.txt', 'photos/0001.jpg', 'r/', '../store/jobs', 'r/0001.jpg/', '/etc/passwd', 'r/9999.jpg'])(
    'is none of the job: %s',
    async (key) => {
      await fleet.put('r/read-me.txt', 'no picture');
      const answer = await picture({ key });
      expect([answer.status, (await answer.json()).code]).toEqual([404, 'SOURCE_NOT_FOUND']);
    },
  );

  it('that is damaged or was changed since is a problem', async () => {
    expect((await picture({ key: 'r/0007.jpg' })).status).toBe(422);
    const path = join(fleet.folder, 'photos', 'r/0005.jpg');
    await writeFile(path, 'another');
    await utimes(path, 1, 1);
    const answer = await picture({ key: 'r/0005.jpg' });
    expect([answer.status, (await answer.json()).code]).toEqual([409, 'OBJECT_CHANGED']);
  });

  it.each([{ key: 'r/0001.jpg', size: '31' }, { key: 'r/0001.jpg', size: '2049' }, { key: '' }, {}])(
    'refuses %j',
    async (query) => {
      expect((await picture(query as Record<string, string>)).status).toBe(400);
    },
  );

  it('of a list is found too, and one of the bucket that is not on it is not', async () => {
    await mkdir(join(fleet.folder, 'photos/q'), { recursive: true });
    const [first = '', second = ''] = await fleet.photos(2, 'q');
    const { id } = await fleet.job({ source: { kind: 'keys', bucket: fleet.bucket, keys: [second] } });
    await fleet.until(id);
    expect((await fleet.call(`/v1/jobs/${id}/picture?key=${second}`)).status).toBe(200);
    expect((await fleet.call(`/v1/jobs/${id}/picture?key=${first}`)).status).toBe(404);
  });
});
