import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  type S3FaultProxy,
  type Services,
  startS3,
  startS3FaultProxy,
  startTcpProxy,
} from '../../../test/services/index.ts';
import { type ObjectStore, openStore, type S3Options, S3Store } from '../src/index.ts';
import { newBucket } from './new-bucket.ts';

const { s3 } = inject('services');
const quick: S3Options = { region: s3.region, credentials: s3.credentials, retryBaseMs: 5, stallTimeoutMs: 400 };
const body = Buffer.alloc(300_000, 'x');

describe.skipIf(!s3.available)('S3 that fails', () => {
  let proxy: S3FaultProxy;
  let bucket: string;
  let store: ObjectStore;
  const open = (options: S3Options = {}) =>
    openStore(`s3://${bucket}/p`, { s3: { ...quick, endpoint: proxy.endpoint, ...options } });

  beforeEach(async () => {
    proxy = await startS3FaultProxy({ endpoint: s3.endpoint });
    bucket = await newBucket(s3);
    store = await open();
    await store.put('object', body);
    proxy.resetCounts();
  });
  afterEach(async () => {
    await store[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  it.each([
    ['answers 500', { kind: 'status', status: 500 }],
    ['answers 503', { kind: 'status', status: 503 }],
    ['answers 429', { kind: 'status', status: 429, code: 'TooManyRequests' }],
    ['resets the connection', { kind: 'reset' }],
    ['loses the answer', { kind: 'lost-answer' }],
    ['stalls before the answer', { kind: 'stall' }],
    ['stalls in the middle of the body', { kind: 'stall-half-way' }],
    ['is cut in the middle of the body', { kind: 'cut-half-way' }],
  ] as const)('is asked again where it %s: get, read, head, list, put and delete succeed', async (_, fault) => {
    const broken = () => proxy.set([{ share: 1, times: 2, fault }]);
    broken();
    expect(Buffer.compare((await store.get('object')).body, body)).toBe(0);
    expect(proxy.counts).toMatchObject({ requests: 3, faults: 2 });
    broken();
    let read = 0;
    for await (const chunk of (await store.read('object')).chunks) read += chunk.byteLength;
    expect(read).toBe(body.length);
    broken();
    expect(await store.head('object')).toMatchObject({ sizeBytes: body.length });
    broken();
    const keys: string[] = [];
    for await (const page of store.list('')) keys.push(...page.map(({ key }) => key));
    expect(keys).toEqual(['object']);
    broken();
    await store.put('other', body);
    broken();
    await store.delete(['other', 'object']);
    proxy.set([]);
    expect(await store.head('other')).toBeUndefined();
  });

  it('a stream that is cut again and again comes through whole, from where it was cut', async () => {
    const large = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => i & 255));
    await store.put('large', large);
    proxy.resetCounts();
    proxy.set([{ share: 1, times: 5, fault: { kind: 'cut-half-way' } }]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await store.read('large')).chunks) chunks.push(chunk);
    expect(Buffer.compare(Buffer.concat(chunks), large)).toBe(0);
    expect(proxy.counts.methods).toEqual({ GET: 6 });
  });

  it('a stream whose object changes meanwhile ends with OBJECT_CHANGED, never with a mixture', async () => {
    await store.put('large', Buffer.alloc(3_000_000, 'a'));
    proxy.set([{ share: 1, times: 1, methods: ['GET'], fault: { kind: 'cut-half-way' } }]);
    const { chunks } = await store.read('large');
    await store.put('large', Buffer.alloc(3_000_000, 'b'));
    await expect(
      (async () => {
        for await (const chunk of chunks) expect(chunk.every((byte) => byte === 97)).toBe(true);
      })(),
    ).rejects.toMatchObject({ code: 'OBJECT_CHANGED' });
  });

  it('says STORE_UNAVAILABLE, to be tried later, once it was asked often enough', async () => {
    proxy.set([{ share: 1, fault: { kind: 'status', status: 503 } }]);
    await expect(store.get('object')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(proxy.counts.requests).toBe(5);
  });

  it('is left alone for as long as it asks for (Retry-After), and the caller is told', async () => {
    proxy.set([{ share: 1, times: 1, fault: { kind: 'status', status: 503, retryAfterSeconds: 1 } }]);
    const times: number[] = [];
    proxy.onRequest = () => times.push(performance.now());
    await store.get('object');
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(990);
    proxy.set([{ share: 1, fault: { kind: 'status', status: 503, retryAfterSeconds: 2 } }]);
    await using once = await open({ attempts: 1 });
    await expect(once.get('object')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryAfterMs: 2000 });
  });

  it('a put whose answer was lost is ours when it is sent again: created, not exists', async () => {
    proxy.set([{ share: 1, times: 1, path: /mine/, methods: ['PUT'], fault: { kind: 'lost-answer' } }]);
    expect(await store.put('mine', 'what I wrote', { ifAbsent: true })).toBe('created');
    await store.put('theirs', 'what they wrote');
    proxy.set([{ share: 1, times: 1, path: /theirs/, methods: ['PUT'], fault: { kind: 'lost-answer' } }]);
    expect(await store.put('theirs', 'what I wrote', { ifAbsent: true })).toBe('exists');
    proxy.set([{ share: 1, times: 1, path: /uploadId/, methods: ['POST'], fault: { kind: 'lost-answer' } }]);
    const pieces = async function* () {
      for (let i = 0; i < 12; i++) yield Buffer.alloc(1_000_000, i);
    };
    expect(await store.write('in-parts', pieces())).toBe('created');
    expect(await store.head('in-parts')).toMatchObject({ sizeBytes: 12_000_000 });
  });

  it('what will be the same next time is not asked again', async () => {
    for (const [status, code, expected] of [
      [403, 'AccessDenied', 'STORE_DENIED'],
      [404, 'NoSuchKey', 'OBJECT_NOT_FOUND'],
      [404, 'NoSuchBucket', 'STORE_NOT_FOUND'],
      [400, 'InvalidRequest', 'STORE_UNAVAILABLE'],
      [507, 'XMinioStorageFull', 'STORE_FULL'],
    ] as const) {
      proxy.resetCounts();
      proxy.set([{ share: 1, fault: { kind: 'status', status, code } }]);
      const error = await store.put('other', 'x').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: expected, cause: { name: code } });
      expect(proxy.counts.requests).toBe(expected === 'STORE_FULL' ? 5 : 1);
    }
  });

  it('credentials that have run out are not asked with again at once, and may be others later', async () => {
    proxy.resetCounts();
    proxy.set([{ share: 1, fault: { kind: 'status', status: 400, code: 'ExpiredToken' } }]);
    await expect(store.put('other', 'x')).rejects.toMatchObject({ code: 'STORE_DENIED', retryable: true });
    await expect(store.get('object')).rejects.toMatchObject({ code: 'STORE_DENIED', retryable: true });
    // Each once more, by the SDK's own way of asking.
    expect(proxy.counts.requests).toBe(4);
  });

  it('refuses the wrong secret with STORE_DENIED, a bucket that is not there with what is missing', async () => {
    if (!s3.broken.signatures) {
      await using forged = await open({ credentials: { ...s3.credentials, secretAccessKey: 'wrong' } });
      await expect(forged.get('object')).rejects.toMatchObject({ code: 'STORE_DENIED', retryable: false });
    }
    await using nowhere = await openStore('s3://no-such-bucket-anywhere', {
      s3: { ...quick, endpoint: proxy.endpoint },
    });
    await expect(nowhere.get('object')).rejects.toMatchObject({ code: 'STORE_NOT_FOUND', retryable: false });
    await expect(nowhere.put('object', 'x')).rejects.toMatchObject({
      detail: expect.stringContaining('s3://no-such-bucket-anywhere/object: 404 NoSuchBucket'),
    });
  });

  it('takes a request signed for another region for one that was refused', async () => {
    proxy.set([{ share: 1, fault: { kind: 'status', status: 400, code: 'AuthorizationHeaderMalformed' } }]);
    await expect(store.get('object')).rejects.toMatchObject({ code: 'STORE_DENIED', retryable: false });
  });

  it('says what it waits for, now and then, while a request is not done', async () => {
    const said: string[] = [];
    const log = { warn: (_: object, message: string) => void said.push(message) };
    await using slow = await open({ slowAfterMs: 100, log });
    await slow.get('object');
    expect(said).toEqual([]);
    proxy.set([{ share: 1, times: 1, fault: { kind: 'stall' } }]);
    await Promise.all([slow.get('object'), slow.get('object')]);
    expect(said[0]).toBe(`reading s3://${bucket}/p/object: not done after 0 s, still trying`);
    expect(said.length).toBeGreaterThan(1);
    expect(said.length).toBeLessThan(8);
  });

  it('carries a load of a thousand gets and puts over a store of which a tenth of the answers fail', async () => {
    proxy.set([
      { share: 0.04, fault: { kind: 'status', status: 503 } },
      { share: 0.03, fault: { kind: 'reset' } },
      { share: 0.03, fault: { kind: 'cut-half-way' } },
    ]);
    await using patient = await open({ attempts: 10, maxSockets: 8 });
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, async (_, i) => {
        await patient.put(`load/${i}`, String(i), { ifAbsent: true });
        return Buffer.from((await patient.get(`load/${i}`)).body).toString() === String(i);
      }),
    );
    expect(outcomes.every(Boolean)).toBe(true);
    expect(proxy.counts.faults).toBeGreaterThan(50);
  });

  it('waiting for a free connection is no stall: many slow requests over few connections all succeed', async () => {
    await using tcp = await startTcpProxy({ port: Number(new URL(s3.endpoint).port) });
    tcp.set({ delayMs: 60 });
    const endpoint = `http://127.0.0.1:${tcp.port}`;
    await using slow = await openStore(`s3://${bucket}/p`, {
      s3: { ...quick, endpoint, maxSockets: 2, stallTimeoutMs: 1_000, connectTimeoutMs: 600, attempts: 1 },
    });
    const found = await Promise.all(Array.from({ length: 30 }, () => slow.head('object')));
    expect(found.every((info) => info?.sizeBytes === body.length)).toBe(true);
    expect(tcp.counts().total).toBeLessThanOrEqual(4);
  });

  it('connections that die while nobody uses them are replaced', async () => {
    await using tcp = await startTcpProxy({ port: Number(new URL(s3.endpoint).port) });
    await using idle = await openStore(`s3://${bucket}/p`, {
      s3: { ...quick, endpoint: `http://127.0.0.1:${tcp.port}` },
    });
    await idle.head('object');
    tcp.resetAll();
    expect(await idle.head('object')).toBeDefined();
    tcp.set({ mode: 'black-hole' });
    const stalled = idle.head('object');
    setTimeout(() => {
      tcp.set({ mode: 'pass' });
    }, 200);
    expect(await stalled).toBeDefined();
  });

  it('gives up at once when it is asked to, in the middle of a wait or of a body', async () => {
    const controller = new AbortController();
    proxy.set([{ share: 1, fault: { kind: 'status', status: 503, retryAfterSeconds: 60 } }]);
    const waiting = store.get('object', { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    proxy.set([{ share: 1, fault: { kind: 'stall-half-way' } }]);
    await using patient = await open({ stallTimeoutMs: 60_000 });
    const second = new AbortController();
    const reading = patient.get('object', { signal: second.signal });
    setTimeout(() => second.abort(), 100);
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('S3 without conditional writes', () => {
  const expectLookFirst = async (server: Services['s3'], endpoint: string) => {
    const said: object[] = [];
    const log = { warn: (fields: object) => void said.push(fields) };
    await using store = await openStore(`s3://${await newBucket(server)}`, { s3: { ...quick, endpoint, log } });
    expect(await store.put('object', 'first', { ifAbsent: true })).toBe('created');
    expect(await store.put('object', 'second', { ifAbsent: true })).toBe('exists');
    expect(Buffer.from((await store.get('object')).body).toString()).toBe('first');
    expect(store instanceof S3Store && (await store.conditionalWrites())).toBe(false);
    expect(said).toEqual([{ store: store.location }]);
    const keys: string[] = [];
    for await (const page of store.list('')) keys.push(...page.map(({ key }) => key));
    expect(keys).toEqual(['object']);
  };

  it.skipIf(!s3.available)(
    'that refuses the header: the store looks first, then writes, and says so once',
    async () => {
      await using proxy = await startS3FaultProxy({ endpoint: s3.endpoint });
      const fault = { kind: 'status', status: 501, code: 'NotImplemented' } as const;
      proxy.set([{ share: 1, path: /rookery-probe/, methods: ['PUT'], fault }]);
      await expectLookFirst(s3, proxy.endpoint);
    },
  );

  it('that ignores the header: the same', async () => {
    await using server = await startS3({ kinds: ['fauxqs'] });
    await expectLookFirst({ ...s3, endpoint: server.endpoint }, server.endpoint);
  });
});

describe.skipIf(!s3.available || s3.broken.versions)('S3 with versions', () => {
  it('gives the version that is asked for, and finds none of a name that is no version', async () => {
    const bucket = await newBucket(s3, { versions: true });
    await using store = await openStore(`s3://${bucket}`, { s3: { ...quick, endpoint: s3.endpoint } });
    await store.put('object', 'first');
    const { versionId } = await store.get('object');
    await store.put('object', 'second');
    expect(versionId).toBeTruthy();
    expect(Buffer.from((await store.get('object', { versionId })).body).toString()).toBe('first');
    expect(Buffer.from((await store.get('object')).body).toString()).toBe('second');
    for (const none of ['no such version', '01JDZ0000000000000000000AA']) {
      await expect(store.get('object', { versionId: none })).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    }
  });
});

describe.skipIf(!s3.available)('addresses that S3 signs', () => {
  it('let anybody get and put one object for a while, and nothing else', async () => {
    const bucket = await newBucket(s3);
    await using store = await openStore(`s3://${bucket}/p`, { s3: { ...quick, endpoint: s3.endpoint } });
    const put = await store.presign('PUT', 'a picture+1.jpg', { expiresMs: 60_000, contentType: 'image/jpeg' });
    const answer = await fetch(put.url, { method: put.method, headers: put.headers, body: 'picture' });
    expect(answer.status).toBe(200);
    expect(Buffer.from((await store.get('a picture+1.jpg')).body).toString()).toBe('picture');
    const get = await store.presign('GET', 'a picture+1.jpg', { expiresMs: 60_000 });
    expect(await (await fetch(get.url)).text()).toBe('picture');
    if (!s3.broken.signatures) {
      const another = await fetch(put.url, { method: 'PUT', headers: { 'content-type': 'text/html' }, body: 'page' });
      expect(another.status).toBe(403);
      expect((await fetch(get.url.replace('picture', 'pjcture'))).status).toBe(403);
      const short = await store.presign('GET', 'a picture+1.jpg', { expiresMs: 1_000 });
      await new Promise((resolve) => setTimeout(resolve, 2_100));
      expect((await fetch(short.url)).status).toBe(403);
    }
  });
});
