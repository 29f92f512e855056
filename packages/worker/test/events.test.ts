import { cp, mkdir, rm } from 'node:fs/promises';
import { labelKey } from '@rookery/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fleet, photograph } from './fleet.ts';

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
});
afterEach(() => fleet[Symbol.asyncDispose]());

describe('events', { timeout: 90_000 }, () => {
  it('become one label an object, deterministic from the key', async () => {
    const keys = await fleet.copies(9, 'a b/ü');
    await fleet.queues.events.send(keys.map((key) => fleet.event([key])));
    await fleet.start();
    await fleet.settled();
    let text = '';
    for (const key of keys) text += new TextDecoder().decode((await fleet.store.get(labelKey(fleet.bucket, key))).body);
    expect(text).toBe(await fleet.expected(keys));
  });

  it('label the picture that is there, whatever state they name', async () => {
    await fleet.queues.events.send([fleet.event([], { items: [{ key: 'acanthus-mollis.jpg', etag: 'long-gone' }] })]);
    await fleet.start();
    const { etag } = await fleet.label('acanthus-mollis.jpg');
    expect(etag).toBe((await fleet.buckets.open(fleet.bucket).head('acanthus-mollis.jpg'))?.etag);
  });

  it('of a picture whose label no folder can hold cost a dead letter, and nothing of their neighbours', async () => {
    // Its label would lie in a folder of the name that its neighbour's label has.
    const [neighbour = ''] = await fleet.copies(1, 'x');
    const key = `${neighbour}.json/y.jpg`;
    await mkdir(fleet.path(`${neighbour}.json`));
    await cp(photograph('acanthus-mollis'), fleet.path(key));
    await fleet.queues.events.send([fleet.event([neighbour])]);
    await fleet.start();
    await fleet.label(neighbour);
    await fleet.queues.events.send([fleet.event([key, 'acanthus-mollis.jpg'])]);
    await fleet.label('acanthus-mollis.jpg');
    await fleet.settled();
    const dead = await fleet.queues.events.dead.list(10);
    expect(dead.map(({ reason, message }) => [reason.code, JSON.parse(message).items])).toEqual([
      ['KEY_INVALID', [{ key }]],
    ]);
  });

  it('label a picture again that is overwritten while it is labelled', async () => {
    const key = 'changing.jpg';
    await cp(photograph('acanthus-mollis'), fleet.path(key));
    const real = fleet.buckets.open(fleet.bucket);
    let reads = 0;
    const store = new Proxy(real, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const answer = await value.apply(target, args);
          // Overwritten after it was read and before its label is written, twice.
          if (name === 'get' && ++reads <= 2) {
            await cp(photograph(reads === 1 ? 'nagasaki-boats' : 'airplane-from-above'), fleet.path(key));
          }
          return answer;
        };
      },
    });
    await fleet.queues.events.send([fleet.event([key])]);
    await fleet.start({ buckets: { open: () => store } });
    await fleet.settled();
    expect(reads).toBe(3);
    await cp(photograph('airplane-from-above'), fleet.path('alone.jpg'));
    const [alone] = (await fleet.expected([key])).split('\n');
    expect(await fleet.label(key)).toEqual(JSON.parse(alone ?? ''));
  });

  it('of a picture that is gone leave no label, and with `keep` the one that was there', async () => {
    const key = 'acanthus-mollis.jpg';
    const label = labelKey(fleet.bucket, key);
    await fleet.queues.events.send([fleet.event([key])]);
    const worker = await fleet.start({ onRemoved: 'keep' });
    await fleet.settled();
    await rm(fleet.path(key));
    await fleet.queues.events.send([fleet.event([key])]);
    await fleet.settled();
    expect(await fleet.store.head(label)).toBeDefined();
    await worker.stop();
    await fleet.start();
    await fleet.queues.events.send([fleet.event([key])]);
    await fleet.settled();
    expect(await fleet.store.head(label)).toBeUndefined();
  });

  it('of a picture that goes while it is labelled leave with `keep` the label that was there', async () => {
    const key = 'acanthus-mollis.jpg';
    const real = fleet.buckets.open(fleet.bucket);
    let goes = false;
    const store = new Proxy(real, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const answer: unknown = await value.apply(target, args);
          if (name === 'get' && goes) await rm(fleet.path(key));
          return answer;
        };
      },
    });
    await fleet.queues.events.send([fleet.event([key])]);
    await fleet.start({ onRemoved: 'keep', buckets: { open: () => store } });
    await fleet.settled();
    const before = await fleet.label(key);
    goes = true;
    await fleet.queues.events.send([fleet.event([key])]);
    await fleet.settled();
    await expect(real.head(key)).resolves.toBeUndefined();
    expect(await fleet.label(key)).toEqual(before);
  });

  it('that come again for a label that is there read no picture', async () => {
    const key = 'nagasaki-boats.jpg';
    const info = await fleet.buckets.open(fleet.bucket).head(key);
    const again = fleet.event([], { items: [{ key, etag: info?.etag }], recheck: true });
    await fleet.queues.events.send([again]);
    let reads = 0;
    const real = fleet.buckets.open(fleet.bucket);
    const store = new Proxy(real, {
      get: (target, name) => {
        if (name === 'get') reads++;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await fleet.start({ buckets: { open: () => store } });
    await fleet.settled();
    expect(reads).toBe(1);
    await fleet.queues.events.send([again, again]);
    await fleet.settled();
    expect(reads).toBe(1);
  });

  it('come before a job that has more work than there is time', async () => {
    const keys = await fleet.copies(400);
    await fleet.job(
      'large',
      Array.from({ length: 20 }, (_, at) => keys.slice(at * 20, at * 20 + 20).map((key) => ({ key }))),
    );
    await fleet.start();
    await fleet.result('large', 0);
    await fleet.queues.events.send([fleet.event(['acanthus-mollis.jpg'])]);
    await fleet.label('acanthus-mollis.jpg');
    expect(await fleet.ledger.resultExists('large', 19)).toBe(false);
  });
});
