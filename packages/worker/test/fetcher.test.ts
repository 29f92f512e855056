import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import type { PictureNeed } from '@rookery/inference';
import { type ObjectStore, openStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstRangeBytes } from '../src/picture/fetch-needed.ts';
import { Fetcher } from '../src/picture/fetcher.ts';
import { StoreGuard } from '../src/store-guard.ts';

const kB = 1 << 10;
const { signal } = new AbortController();
let folder: string;
let store: ObjectStore;
let read: [readBytes: number, skippedBytes: number][];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-fetcher-'));
  store = await openStore(folder);
  read = [];
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const fetcherOf = (pictureBytes = 64 << 20): Fetcher =>
  new Fetcher({
    bytes: 256 << 20,
    pictureBytes,
    fetches: 4,
    habit: { isWorthTrying: () => true, took: () => undefined },
    onFetched: (readBytes, _seconds, skippedBytes) => void read.push([readBytes, skippedBytes]),
  });
const bucket = () => ({ store, guard: new StoreGuard({ location: store.location, log: silentLogger }) });

/** Needs so many bytes of a file whose last two are 7. */
const needing = (end: number, meanwhile: () => void = () => undefined): PictureNeed => ({
  of(head) {
    meanwhile();
    return head.byteLength < end ? 'more' : { end };
  },
  isWhole: (lastTwo) => lastTwo.every((byte) => byte === 7),
  cut: (head, to) => head.slice(0, to),
});
const filled = (bytes: number, value = 7): Uint8Array<ArrayBuffer> => new Uint8Array(bytes).fill(value);

describe('a picture of which only the beginning is needed', () => {
  it.each([
    ['in its first range', 10 * kB, firstRangeBytes + 2],
    ['in the second', 150 * kB, 2 * firstRangeBytes + 2],
    ['in the third', 300 * kB, 4 * firstRangeBytes + 2],
  ])('is read up to there, and its end: %s', async (_, end, readBytes) => {
    await store.put('picture', filled(800 * kB));
    const fetcher = fetcherOf();
    const picture = await fetcher.fetch({ key: 'picture' }, bucket(), signal, needing(end));
    expect(picture).toMatchObject({ isCut: true, sizeBytes: 800 * kB });
    expect(picture.bytes.byteLength).toBe(end);
    expect(read).toEqual([[readBytes, 800 * kB - readBytes]]);
    expect(fetcher.heldBytes).toBe(end);
    picture.release();
    expect(fetcher.heldBytes).toBe(0);
  });

  it('is read whole where it has no end, and where all of it turns out to be needed', async () => {
    await store.put('cut-off', filled(500 * kB, 1));
    await store.put('picture', filled(500 * kB));
    for (const [key, end] of [
      ['cut-off', kB],
      ['picture', 501 * kB],
    ] as const) {
      const picture = await fetcherOf().fetch({ key }, bucket(), signal, needing(end));
      expect(picture).toMatchObject({ isCut: false, sizeBytes: 500 * kB });
      expect(picture.bytes).toEqual((await store.get(key)).body);
    }
    expect(read).toEqual(Array(2).fill([500 * kB, 0]));
  });

  it('is read with one request where it is smaller than the first range', async () => {
    await store.put('picture', filled(20 * kB));
    const picture = await fetcherOf().fetch({ key: 'picture' }, bucket(), signal, needing(kB));
    expect([picture.isCut, picture.bytes.byteLength]).toEqual([false, 20 * kB]);
  });

  it('may be larger than was guessed, but not than is allowed', async () => {
    await store.put('picture', filled(3_000 * kB));
    const picture = await fetcherOf().fetch({ key: 'picture' }, bucket(), signal, needing(kB));
    expect(picture).toMatchObject({ isCut: true, sizeBytes: 3_000 * kB });
    const strict = fetcherOf(2_000 * kB);
    await expect(strict.fetch({ key: 'picture' }, bucket(), signal, needing(kB))).rejects.toMatchObject({
      code: 'SOURCE_TOO_MANY_BYTES',
    });
    expect(strict.heldBytes).toBe(0);
  });

  it('that changes between two ranges is SOURCE_CHANGED where a state of it was asked for, and read anew where not', async () => {
    await store.put('picture', filled(500 * kB));
    const { etag } = await store.get('picture');
    let written = Promise.resolve<unknown>(undefined);
    const changing = (): Promise<void> => written.then(() => undefined);
    const slow = new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          await changing();
          return value.apply(target, args);
        };
      },
    });
    const meanwhile = () => {
      written = store.put('picture', filled(510 * kB));
    };
    const guard = new StoreGuard({ location: store.location, log: silentLogger });
    const fetcher = fetcherOf();
    await expect(
      fetcher.fetch({ key: 'picture', etag }, { store: slow, guard }, signal, needing(kB, meanwhile)),
    ).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    expect(fetcher.heldBytes).toBe(0);
    const picture = await fetcher.fetch({ key: 'picture' }, { store: slow, guard }, signal, needing(kB, meanwhile));
    expect(picture).toMatchObject({ isCut: false, sizeBytes: 510 * kB });
    expect(picture.etag).toBe((await store.get('picture')).etag);
  });
});

it.each([
  [false, 'SOURCE_DENIED'],
  // The line of a picture would keep what is no property of it.
  [true, 'STORE_DENIED'],
])('a refusal that may pass (%s) is %s', async (retryable, code) => {
  const refusing = new Proxy(store, {
    get: (target, name) =>
      name === 'get'
        ? () => Promise.reject(new RookeryError('STORE_DENIED', { retryable, retryAfterMs: 1 }))
        : Reflect.get(target, name),
  });
  const asked = fetcherOf().fetch({ key: 'picture' }, { ...guardedFor(20), store: refusing }, signal);
  await expect(asked).rejects.toMatchObject({ code });
});

/** Gives up soon. */
const guardedFor = (giveUpAfterMs: number) => ({
  guard: new StoreGuard({ location: store.location, log: silentLogger, giveUpAfterMs }),
});
