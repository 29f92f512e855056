import { describe, expect, it } from 'vitest';
import { Batcher, EntryRefused, sendBatch } from '../src/sqs/batcher.ts';
import { jsonForSqs, textForSqs } from '../src/sqs/message-body.ts';
import { packMessages } from '../src/sqs/sqs-send.ts';

const busy = (index: number) => ({ index, code: 'InternalError', message: 'busy', senderFault: false });
const wrong = (index: number) => ({ index, code: 'InvalidMessageContents', message: 'wrong', senderFault: true });

describe('a batch of SQS entries', () => {
  it('is sent again as far as it failed, until all of it is through', async () => {
    const requests: string[][] = [];
    const outcomes = await sendBatch(['a', 'b', 'c', 'd'], async (entries) => {
      requests.push([...entries]);
      if (requests.length === 1) return [busy(1), busy(3)];
      return requests.length === 2 ? [busy(1)] : [];
    });
    expect(requests).toEqual([['a', 'b', 'c', 'd'], ['b', 'd'], ['d']]);
    expect(outcomes).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('says for each entry why it failed for good', async () => {
    const outcomes = await sendBatch(['a', 'b', 'c'], async (entries) =>
      entries.flatMap((entry, index) => (entry === 'b' ? [wrong(index)] : entry === 'c' ? [busy(index)] : [])),
    );
    expect(outcomes[0]).toBeUndefined();
    expect(outcomes[1]).toBeInstanceOf(EntryRefused);
    expect(outcomes[2]).toMatchObject({ code: 'QUEUE_UNAVAILABLE', retryable: true });
  });
});

describe('a batcher', () => {
  it('puts ten of those that come together into one request', async () => {
    const sizes: number[] = [];
    const batcher = new Batcher<number>(async (entries) => {
      sizes.push(entries.length);
      return [];
    });
    await Promise.all(Array.from({ length: 25 }, (_, index) => batcher.add(index)));
    expect(sizes).toEqual([10, 10, 5]);
  });

  it('fails those that failed, not their neighbours', async () => {
    const batcher = new Batcher<string>(async (entries) =>
      entries.flatMap((entry, index) => (entry === 'bad' ? [wrong(index)] : [])),
    );
    const settled = await Promise.allSettled(['good', 'bad', 'good'].map((entry) => batcher.add(entry)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails all of a request that failed', async () => {
    const batcher = new Batcher<string>(() => Promise.reject(new Error('reset')));
    const settled = await Promise.allSettled(['a', 'b'].map((entry) => batcher.add(entry)));
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('sends what it has gathered when it is flushed', async () => {
    let sent = 0;
    const batcher = new Batcher<string>(async (entries) => {
      sent += entries.length;
      return [];
    }, 60_000);
    const adding = batcher.add('a');
    await batcher.flush();
    await adding;
    expect(sent).toBe(1);
  });
});

describe('messages for SQS', () => {
  it('are packed by number and by size, in order', () => {
    const small = Array.from({ length: 23 }, (_, index) => ({ body: `${index}` }));
    expect(packMessages(small).map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(packMessages(small).flat()).toEqual(small);
    const large = Array.from({ length: 10 }, () => ({ body: 'ü'.repeat(30_000) }));
    expect(packMessages(large).map(({ length }) => length)).toEqual([4, 4, 2]);
    expect(packMessages([])).toEqual([]);
  });

  it('mean the same after what SQS refuses is escaped', () => {
    const value = { key: '\ufffe\uffff\u0000\ud800 ü 🐦' };
    const body = jsonForSqs(JSON.stringify(value));
    expect(JSON.parse(body)).toEqual(value);
    // https://www.w3.org/TR/REC-xml/#charsets
    expect(body).toMatch(/^[\u0020-\ud7ff\ue000-\ufffd]*$/u);
    expect(textForSqs('a\u0000b\ud800c\uffff\n', 10)).toBe('a?b?c?\n');
  });
});
