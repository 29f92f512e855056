import { ServiceError } from '@rookery/client';
import { describe, expect, it } from 'vitest';
import { addressOf, hashOf, parseHash } from '../src/app/router.ts';
import { bytes, counted, duration, percent, rate, shortDigest } from '../src/ui/format.ts';
import { wordsOf, wordsOfCode, wordsOfPicture } from '../src/ui/words.ts';

describe('addresses of views', () => {
  it('come back as they were made, whatever the names', () => {
    const query = new URLSearchParams({ label: 'Erithacus rubecula' });
    const { path, query: back } = parseHash(hashOf(['jobs', 'a/b?c#d'], query));
    expect(path).toEqual(['jobs', 'a/b?c#d']);
    expect(back.get('label')).toBe('Erithacus rubecula');
  });

  it('that nobody made lead somewhere all the same', () => {
    expect(parseHash('').path).toEqual([]);
    expect(parseHash('#/').path).toEqual([]);
    expect(parseHash('#jobs//x%').path).toEqual(['jobs', 'x%']);
  });

  it('leads back to where the service sent whoever had to sign in, and to no other host', () => {
    const back = (hash: string): string => addressOf(parseHash(hash));
    expect(back('#/queues')).toBe('/queues');
    expect(back('#/queues/queue/rookery-jobs?status=failed&page=2')).toBe(
      '/queues/queue/rookery-jobs?status=failed&page=2',
    );
    expect(new URL(back('#//queues\\x'), 'http://here').host).toBe('here');
  });
});

it('figures read as people say them', () => {
  expect([percent(0.8412), percent(0), percent(1)]).toEqual(['84.1\u2009%', '0.0\u2009%', '100.0\u2009%']);
  expect([percent(0.0004), percent(0.0006)]).toEqual(['<\u20090.1\u2009%', '0.1\u2009%']);
  expect([percent(0.9996), percent(0.9994)]).toEqual(['>\u200999.9\u2009%', '99.9\u2009%']);
  expect([rate(3.14), rate(51.2), rate(212.4), rate(12_345)]).toEqual(['3.1', '51', '212', '12,345']);
  expect([bytes(12), bytes(1234), bytes(55_300), bytes(14_123_456)]).toEqual([
    '12\u00a0B',
    '1.2\u00a0kB',
    '55\u00a0kB',
    '14\u00a0MB',
  ]);
  expect([duration(40_400), duration(200_000), duration(7_800_000)]).toEqual([
    '40\u00a0s',
    '3\u00a0min',
    '2\u00a0h 10\u00a0min',
  ]);
  expect([counted(1, 'picture'), counted(1204, 'picture')]).toEqual(['1 picture', '1,204 pictures']);
  expect(shortDigest(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
});

describe('words for errors', () => {
  it('are sentences, also for codes that nobody has written words for', () => {
    expect(wordsOfCode('UNSUPPORTED_FORMAT')).toBe('This is not a picture.');
    expect(wordsOfCode('SOMETHING_NEW', 'it is new here')).toBe('It is new here.');
    expect(wordsOf(new TypeError('x is undefined'))).toBe('Something went wrong on this page.');
  });

  it('do not call pictures of other kinds no pictures', () => {
    expect(wordsOfPicture('IMG_0001.HEIC', 'UNSUPPORTED_FORMAT')).toContain('Save it as JPEG');
    expect(wordsOfPicture('notes.txt', 'UNSUPPORTED_FORMAT')).toBe('This is not a picture.');
    expect(wordsOfPicture('a.heic', 'PICTURE_EMPTY')).toBe('This file is empty.');
  });

  it('say what is wrong with this very request where the caller can mend it', () => {
    const error = (code: string, status: number) =>
      new ServiceError({ type: 'urn:x', code, status, title: 'fixed', detail: 'the bucket "x"' });
    expect(wordsOf(error('BUCKET_REFUSED', 403))).toBe('This service may not read that bucket. The bucket "x".');
    expect(wordsOf(error('INTERNAL', 500))).toBe('Fixed.');
  });
});
