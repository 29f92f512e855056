import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import type { UploadGrant, UploadSlot } from '@rookery/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobFleet } from './a-fleet.ts';
import { aPhotograph } from './a-service.ts';

let fleet: JobFleet;
let photograph: Buffer;
beforeAll(async () => {
  photograph = await aPhotograph();
  fleet = await JobFleet.start({
    jobs: { limits: { pictureBytes: 2_000_000, uploadBytes: 3_000_000, addressMs: 900_000 } },
  });
});
afterAll(() => fleet[Symbol.asyncDispose]());

async function grant(files: object[], upload?: string): Promise<UploadGrant> {
  const answer = await fleet.call('/v1/uploads', { json: { files, ...(upload && { upload }) } });
  expect(answer.status).toBe(201);
  return (await answer.json()) as UploadGrant;
}

const aFile = (name: string, bytes: Uint8Array = photograph) => ({ name, sizeBytes: bytes.length, type: 'image/jpeg' });

const put = ({ url, headers }: UploadSlot, body: Uint8Array, more: Record<string, string> = {}) =>
  fleet.call(url, { method: 'PUT', body: new Uint8Array(body), headers: { ...headers, ...more } });

const arrived = async (upload: string) => (await (await fleet.call(`/v1/uploads/${upload}`)).json()).files;

describe('an upload', () => {
  it('becomes a job of what has arrived', async () => {
    const { upload, slots, expiresAt } = await grant([aFile('one.jpg'), aFile('holiday/two.jpg'), aFile('three.jpg')]);
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 800_000);
    expect(slots.map(({ name, key, method }) => [name, key, method])).toEqual(
      ['one.jpg', 'holiday/two.jpg', 'three.jpg'].map((name) => [name, `uploads/${upload}/${name}`, 'PUT']),
    );
    for (const slot of slots.slice(0, 2)) expect((await put(slot, photograph)).status).toBe(200);
    expect(await arrived(upload)).toEqual([
      { name: 'holiday/two.jpg', sizeBytes: photograph.length },
      { name: 'one.jpg', sizeBytes: photograph.length },
    ]);
    const { id } = await fleet.job({ source: { kind: 'upload', upload } });
    expect(await fleet.until(id)).toMatchObject({ pictures: { done: 2, planned: 2 }, failed: 0 });
    const shown = await fleet.call(`/v1/jobs/${id}/picture?key=uploads/${upload}/one.jpg`);
    expect(shown.status).toBe(200);
  });

  it('is added to, and a picture may be put again', async () => {
    const { upload, slots } = await grant([aFile('a.jpg')]);
    const more = await grant([aFile('b.jpg')], upload);
    expect(more.upload).toBe(upload);
    for (const slot of [...slots, ...slots, ...more.slots]) await put(slot, photograph);
    expect(await arrived(upload)).toHaveLength(2);
    const path = join(fleet.folder, 'store', `uploads/${upload}/b.jpg`);
    expect((await readFile(path)).equals(photograph)).toBe(true);
  });

  it('takes names in any script', async () => {
    const name = 'Ferien/Möwe 鳥 #1?.jpg';
    const { upload, slots } = await grant([aFile(name)]);
    expect((await put(slots[0] as UploadSlot, photograph)).status).toBe(200);
    expect(await arrived(upload)).toEqual([{ name, sizeBytes: photograph.length }]);
  });
});

describe('an address', () => {
  const slotOf = async (file = aFile('x.jpg')) => (await grant([file])).slots[0] as UploadSlot;

  it.each([
    ['another name', (url: string) => url.replace('x.jpg', 'y.jpg')],
    ['a name that climbs out', (url: string) => url.replace('x.jpg', '..%2F..%2Fjobs%2Fx.jpg')],
    ['another upload', (url: string) => url.replace(/uploads\/[^/]+/, 'uploads/20000101-aaaaaaaaaaaa')],
    ['more bytes', (url: string) => url.replace(/bytes=\d+/, 'bytes=99999999')],
    ['a later end', (url: string) => url.replace(/until=\d+/, 'until=9999999999999')],
    ['another type', (url: string) => url.replace('image%2Fjpeg', 'text%2Fhtml')],
    ['no type', (url: string) => url.replace('&type=image%2Fjpeg', '')],
    ['another signature', (url: string) => url.replace(/signature=.{4}/, 'signature=AAAA')],
  ])('is good for nothing with %s', async (_, change) => {
    const slot = await slotOf();
    expect(change(slot.url)).not.toBe(slot.url);
    const answer = await put({ ...slot, url: change(slot.url) }, photograph);
    expect([answer.status, (await answer.json()).code]).toEqual([403, 'UPLOAD_ADDRESS_INVALID']);
  });

  it('runs out', async () => {
    const short = await JobFleet.start({ worker: false, jobs: { limits: { addressMs: 1 } } });
    const { slots } = await (await short.call('/v1/uploads', { json: { files: [aFile('x.jpg')] } })).json();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const answer = await short.call(slots[0].url, {
      method: 'PUT',
      body: new Uint8Array(photograph),
      headers: slots[0].headers,
    });
    expect([answer.status, (await answer.json()).code]).toEqual([403, 'UPLOAD_ADDRESS_INVALID']);
    await short[Symbol.asyncDispose]();
  });

  it('takes no other type and no other number of bytes', async () => {
    const slot = await slotOf();
    expect((await put(slot, photograph, { 'content-type': 'image/png' })).status).toBe(403);
    const more = await put(slot, Buffer.concat([photograph, photograph]));
    expect([more.status, (await more.json()).code]).toEqual([403, 'UPLOAD_ADDRESS_INVALID']);
  });

  it('takes no more than was announced of a body without a length, and nothing of one that breaks off', async () => {
    const { upload, slots } = await grant([{ name: 'x.jpg', sizeBytes: 1_000 }]);
    const slot = slots[0] as UploadSlot;
    const pieces = async function* () {
      for (let n = 0; n < 64; n++) yield Buffer.alloc(65_536);
    };
    const long = await fetch(fleet.url + slot.url, {
      method: 'PUT',
      body: pieces(),
      headers: slot.headers,
      duplex: 'half',
    } as unknown as RequestInit).then(
      (answer) => answer.status,
      () => 'cut',
    );
    expect([413, 'cut']).toContain(long);
    await new Promise<void>((resolve) => {
      const cut = request(fleet.url + slot.url, {
        method: 'PUT',
        headers: { ...slot.headers, 'content-length': '1000' },
      });
      cut.once('error', () => resolve());
      cut.write(Buffer.alloc(500), () => setTimeout(() => cut.destroy(), 50));
      cut.once('close', () => resolve());
    });
    expect(await arrived(upload)).toEqual([]);
  });

  it('needs no key, and asking for one does', async () => {
    const keys = { find: () => undefined, get: () => undefined };
    const closed = await JobFleet.start({
      worker: false,
      api: { auth: { kind: 'keys', keys } },
      jobs: { uploads: { bucket: fleet.parts.uploads?.bucket ?? '', secret: 'shared' }, buckets: fleet.parts.buckets },
    });
    const open = await JobFleet.start({
      worker: false,
      jobs: { uploads: { bucket: fleet.parts.uploads?.bucket ?? '', secret: 'shared' }, buckets: fleet.parts.buckets },
    });
    expect((await closed.call('/v1/uploads', { json: { files: [aFile('x.jpg')] } })).status).toBe(401);
    // Two services with one secret take each other's addresses.
    const { slots } = await (await open.call('/v1/uploads', { json: { files: [aFile('x.jpg')] } })).json();
    const answer = await closed.call(slots[0].url, {
      method: 'PUT',
      body: new Uint8Array(photograph),
      headers: slots[0].headers,
    });
    expect(answer.status).toBe(200);
    await closed[Symbol.asyncDispose]();
    await open[Symbol.asyncDispose]();
  });
});

it.each([
  ['a name that climbs out', [aFile('../x.jpg', Buffer.alloc(1))]],
  ['an absolute name', [aFile('/x.jpg', Buffer.alloc(1))]],
  ['an empty part', [aFile('a//x.jpg', Buffer.alloc(1))]],
  ['a backslash', [aFile('a\\x.jpg', Buffer.alloc(1))]],
  ['a line break', [aFile('a\nx.jpg', Buffer.alloc(1))]],
  ['a name of the store itself', [aFile('.rookery-tmp', Buffer.alloc(1))]],
  ['the same name twice', [aFile('x.jpg', Buffer.alloc(1)), aFile('x.jpg', Buffer.alloc(1))]],
  ['a page', [{ name: 'x.html', sizeBytes: 1, type: 'text/html' }]],
  ['a drawing with scripts', [{ name: 'x.svg', sizeBytes: 1, type: 'image/svg+xml; charset=utf-8' }]],
  ['nothing', []],
  ['an empty picture', [{ name: 'x.jpg', sizeBytes: 0 }]],
  ['too many', Array.from({ length: 1_001 }, (_, n) => ({ name: `${n}.jpg`, sizeBytes: 1 }))],
])('addresses are refused for %s', async (_, files) => {
  const answer = await fleet.call('/v1/uploads', { json: { files } });
  expect(answer.status).toBe(400);
});

it.each([
  ['a picture that is too large', [{ name: 'x.jpg', sizeBytes: 2_000_001 }]],
  ['pictures that are too large together', [1, 2].map((n) => ({ name: `${n}.jpg`, sizeBytes: 1_999_999 }))],
])('addresses are refused for %s', async (_, files) => {
  const answer = await fleet.call('/v1/uploads', { json: { files } });
  expect([answer.status, (await answer.json()).code]).toEqual([413, 'REQUEST_TOO_LARGE']);
});

it('a service without a place for uploads says so', async () => {
  const other = await JobFleet.start({ worker: false, jobs: { uploads: undefined } });
  const answer = await other.call('/v1/uploads', { json: { files: [aFile('x.jpg')] } });
  expect([answer.status, (await answer.json()).detail]).toEqual([404, 'this service takes no uploads']);
  await other[Symbol.asyncDispose]();
});
