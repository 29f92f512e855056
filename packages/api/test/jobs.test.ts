import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobFleet } from './a-fleet.ts';

let fleet: JobFleet;
beforeAll(async () => {
  fleet = await JobFleet.start();
});
afterAll(() => fleet[Symbol.asyncDispose]());

const prefixOf = (prefix: string) => ({ kind: 'prefix', bucket: fleet.bucket, prefix });

describe('POST /v1/jobs', () => {
  it('makes a job of a prefix, which workers do: its pictures, not what else lies there', async () => {
    await fleet.photos(5, 'first');
    await fleet.put('first/read-me.txt', 'no picture');
    const made = await fleet.call('/v1/jobs', { json: { source: prefixOf('first/'), note: 'a first one', top: 2 } });
    expect(made.status).toBe(201);
    const job = await made.json();
    expect(made.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(job).toMatchObject({ note: 'a first one', top: 2, model: { name: 'content' }, since: null, reason: null });
    expect(await fleet.until(job.id)).toMatchObject({
      state: 'complete',
      pictures: { done: 5, planned: 5 },
      failed: 0,
      errors: {},
      leftMs: 0,
    });
  });

  it('makes a job of keys, whatever stands in them, a line each', async () => {
    await fleet.photos(1, 'odd');
    await fleet.put('odd/a "b", c.jpg', 'no picture');
    const keys = ['odd/0000.jpg', 'odd/a "b", c.jpg', 'odd/gone.jpg', 'odd/0000.jpg'];
    const { id } = await fleet.job({ source: { kind: 'keys', bucket: fleet.bucket, keys } });
    const { errors } = await fleet.until(id);
    expect(errors).toEqual({ UNSUPPORTED_FORMAT: 1, SOURCE_NOT_FOUND: 1 });
    const { lines } = await (await fleet.call(`/v1/jobs/${id}/lines`)).json();
    expect(lines.map(({ key }: { key: string }) => key)).toEqual(keys);
  });

  it('makes a job of a manifest in the bucket', async () => {
    const keys = await fleet.photos(3, 'listed');
    await fleet.put('lists/today.txt', keys.slice(1).join('\n'));
    const source = { kind: 'manifest', bucket: fleet.bucket, manifest: 'lists/today.txt', format: 'lines' };
    const { id } = await fleet.job({ source });
    expect(await fleet.until(id)).toMatchObject({ pictures: { done: 2, planned: 2 } });
  });

  it('takes over the good lines of an earlier job', async () => {
    const { id: since } = await fleet.done(3, 'again');
    await fleet.photos(4, 'again');
    const { id } = await fleet.job({ source: prefixOf('again/'), since: 'latest' });
    expect(await fleet.until(id)).toMatchObject({ since: expect.any(String), pictures: { done: 4, planned: 4 } });
    const other = await fleet.call('/v1/jobs', { json: { source: prefixOf('again/'), since: 'no-such-job' } });
    expect([other.status, (await other.json()).code]).toEqual([404, 'JOB_NOT_FOUND']);
    expect(since).not.toBe(id);
  });

  it.each([
    ['a bucket that may not be read', { source: { kind: 'prefix', bucket: 'file:///etc', prefix: '' } }, 403],
    ['a bucket of S3 that is not allowed', { source: { kind: 'prefix', bucket: 'secrets' } }, 403],
    ['a key that climbs out', { source: { kind: 'keys', bucket: 'file:///etc', keys: ['passwd'] } }, 403],
    ['a model that is not there', { model: 'nothing' }, 404],
    ['a model at a path', { model: '/etc/passwd' }, 400],
    ['a member that nobody knows', { sauce: 1 }, 400],
    ['no keys', { source: { kind: 'keys', bucket: 'b', keys: [] } }, 400],
    ['too many keys', { source: { kind: 'keys', bucket: 'b', keys: Array(10_001).fill('k') } }, 400],
    ['an id that is a path', { id: '../x' }, 400],
    [
      'a glob that would take for ever',
      { source: { kind: 'prefix', bucket: 'b', filter: { glob: '*a*a*a*a*b' } } },
      400,
    ],
    [
      'a glob that leads out of the prefix',
      { source: { kind: 'prefix', bucket: 'b', filter: { glob: 'a/../../*.jpg' } } },
      400,
    ],
    ['a manifest elsewhere', { source: { kind: 'manifest', bucket: 'b', manifest: 's3://c/d', format: 'csv' } }, 400],
    ['an upload that is not there', { source: { kind: 'upload', upload: 'nothing-here' } }, 404],
    ['a webhook where none are sent', { webhook: 'https://example.com/hook' }, 400],
    ['top 0', { top: 0 }, 400],
  ])('refuses %s', async (_, more, status) => {
    const answer = await fleet.call('/v1/jobs', { json: { source: prefixOf('first/'), ...more } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
  });

  it('says of a model that is missing not where it was looked for', async () => {
    const answer = await fleet.call('/v1/jobs', { json: { source: prefixOf('first/'), model: 'nothing' } });
    expect((await answer.json()).detail).toBe('nothing: nothing is called nothing in the registry');
  });

  it('says that a list is missing when the job is asked for', async () => {
    const source = { kind: 'manifest', bucket: fleet.bucket, manifest: 'nowhere.txt', format: 'lines' };
    const answer = await fleet.call('/v1/jobs', { json: { source } });
    expect([answer.status, (await answer.json()).code]).toEqual([404, 'OBJECT_NOT_FOUND']);
  });
});

describe('an idempotency key', () => {
  const post = (body: object, headers: Record<string, string>) => fleet.call('/v1/jobs', { json: body, headers });

  it('gives the job that was made, as header or member, also where many ask at once', async () => {
    await fleet.photos(1, 'key');
    const body = { source: prefixOf('key/') };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(body, { 'idempotency-key': 'one' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
    const views = await Promise.all(answers.map(async (answer) => (await answer.json()).id));
    expect(new Set(views).size).toBe(1);
    const later = await post({ ...body, idempotencyKey: 'one' }, {});
    expect([later.status, (await later.json()).id]).toEqual([200, views[0]]);
  });

  it('is not needed where requests name the job: one of many that come at once makes it', async () => {
    const body = { id: 'by-many', source: prefixOf('key/') };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(body, {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
  });

  it('of another request is refused, and of two keys too', async () => {
    await post({ source: prefixOf('key/') }, { 'idempotency-key': 'two' });
    const other = await post({ source: prefixOf('key/'), top: 1 }, { 'idempotency-key': 'two' });
    expect([other.status, (await other.json()).code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const two = await post({ source: prefixOf('key/'), idempotencyKey: 'b' }, { 'idempotency-key': 'a' });
    expect(two.status).toBe(400);
    const bad = await post({ source: prefixOf('key/') }, { 'idempotency-key': 'a b' });
    expect(bad.status).toBe(400);
  });

  it('of a request that was refused may be used again', async () => {
    const refused = await post({ source: prefixOf('key/'), model: 'nothing' }, { 'idempotency-key': 'three' });
    expect(refused.status).toBe(404);
    const made = await post({ source: prefixOf('key/') }, { 'idempotency-key': 'three' });
    expect(made.status).toBe(201);
  });
});

describe('a job', () => {
  it('is found in the list, newest first, a page at a time', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await fleet.job({ source: prefixOf('key/') })).id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null && seen.length < 5) {
      const page = await (await fleet.call(`/v1/jobs?limit=2${cursor && `&cursor=${cursor}`}`)).json();
      expect(page.jobs).toHaveLength(2);
      seen.push(...page.jobs.map(({ id }: { id: string }) => id));
      cursor = page.next;
    }
    expect(seen.slice(0, 5)).toEqual(ids);
    expect((await fleet.call('/v1/jobs?limit=201')).status).toBe(400);
  });

  it('that is not there is a problem', async () => {
    for (const path of ['', '/events', '/results', '/lines', '/picture?key=a']) {
      const answer = await fleet.call(`/v1/jobs/no-such-job${path}`);
      expect([path, answer.status, (await answer.json()).code]).toEqual([path, 404, 'JOB_NOT_FOUND']);
    }
    for (const what of ['cancel', 'retry', 'reconcile']) {
      const answer = await fleet.call(`/v1/jobs/no-such-job/${what}`, { method: 'POST' });
      expect([what, answer.status]).toEqual([what, 404]);
    }
    expect((await fleet.call('/v1/jobs/no-such-job', { method: 'DELETE' })).status).toBe(404);
    expect((await fleet.call('/v1/jobs/..%2f..%2fetc')).status).toBe(400);
  });

  it('is made again of what failed, and takes over what is good', async () => {
    await fleet.photos(2, 'retry');
    await fleet.put('retry/bad.jpg', '');
    const { id } = await fleet.job({ source: prefixOf('retry/') });
    expect(await fleet.until(id)).toMatchObject({ failed: 1, errors: { PICTURE_EMPTY: 1 } });
    await fleet.photos(1, 'fresh');
    const answer = await fleet.call(`/v1/jobs/${id}/retry`, { json: { id: 'retried-one' } });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ id: 'retried-one', parent: id });
    expect(await fleet.until('retried-one')).toMatchObject({ pictures: { done: 3, planned: 3 } });
    const again = await fleet.call(`/v1/jobs/${id}/retry`, { json: { id: 'retried-one' } });
    expect([again.status, await again.json()]).toEqual([200, expect.objectContaining({ state: 'complete' })]);
  });

  it('is reconciled at any time', async () => {
    const { id } = await fleet.done(1, 'reconciled');
    const answer = await fleet.call(`/v1/jobs/${id}/reconcile`, { method: 'POST' });
    expect([answer.status, await answer.json()]).toEqual([200, { tasks: 0 }]);
  });

  it('is deleted with all that is known of it', async () => {
    const { id } = await fleet.done(1, 'deleted');
    expect((await fleet.call(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await fleet.call(`/v1/jobs/${id}`)).status).toBe(404);
    const { jobs } = await (await fleet.call('/v1/jobs?limit=200')).json();
    expect(jobs.map((job: { id: string }) => job.id)).not.toContain(id);
  });
});
