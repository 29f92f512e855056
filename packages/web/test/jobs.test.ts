import { describe, expect, it } from 'vitest';
import { queryOf } from '../src/jobs/filter-query.ts';
import { picturesOf } from '../src/jobs/job-upload.ts';
import { noResults } from '../src/jobs/no-results.ts';
import { parseLocation, sourceText } from '../src/jobs/source-text.ts';

const found = (path: string, type = '', size = 1) => ({
  path,
  file: new File([new Uint8Array(size)], path.split('/').at(-1) ?? '', { type }),
});

describe('what is uploaded', () => {
  it('is what looks like a picture, each under a name of its own', () => {
    const pictures = picturesOf([
      found('a/gull.jpg', 'image/jpeg'),
      found('b/lark.TIFF'),
      found('notes.txt', 'text/plain'),
      found('drawing.svg', 'image/svg+xml'),
      found('empty.png', 'image/png', 0),
      found('gull.jpg', 'image/jpeg'),
      found('gull.jpg', 'image/jpeg'),
      found('gull.jpg', 'image/jpeg'),
    ]);
    expect(pictures.map(({ name }) => name)).toEqual([
      'a/gull.jpg',
      'b/lark.TIFF',
      'gull.jpg',
      'gull (2).jpg',
      'gull (3).jpg',
    ]);
  });
});

describe('an address of a bucket', () => {
  it.each([
    ['s3://photos/2026/', { bucket: 'photos', prefix: '2026/' }],
    ['s3://photos', { bucket: 'photos', prefix: '' }],
    [' photos/2026/11 ', { bucket: 'photos', prefix: '2026/11' }],
    ['file:///srv/photos', { bucket: 'file:///srv/photos', prefix: '' }],
    ['/srv/my photos', { bucket: 'file:///srv/my%20photos', prefix: '' }],
    ['', undefined],
    ['https://example.org/photos', undefined],
    ['s3://', undefined],
    ['my photos', undefined],
    ['./photos', undefined],
  ])('%s', (text, location) => expect(parseLocation(text)).toEqual(location));

  it('reads as people write it', () => {
    const filter = {};
    const of = (bucket: string, prefix: string) => sourceText({ kind: 'prefix', bucket, prefix, filter });
    expect(of('photos', '2026/')).toBe('s3://photos/2026/');
    expect(of('file:///srv/my%20photos', '')).toBe('/srv/my photos');
    expect(of('photos', 'rookery/uploads/0192ab34cd/')).toBe('Uploaded pictures');
  });
});

it('the filter of a gallery is what its address says, and nothing that is no filter', () => {
  const of = (text: string) => queryOf(new URLSearchParams(text));
  expect(of('outcome=failed&code=PICTURE_CORRUPT&search=gull')).toEqual({
    outcome: 'failed',
    code: 'PICTURE_CORRUPT',
    search: 'gull',
  });
  expect(of('score=0.5&label=lark')).toEqual({ maxScore: 0.5, label: 'lark' });
  expect(of('outcome=everything&score=7&label=')).toEqual({});
});

it('a job without results says why', () => {
  expect(noResults('running', false).title).toBe('No results yet');
  expect(noResults('complete', false).text).toBe('The job had no pictures.');
  expect(noResults('cancelled', false).text).toContain('cancelled before');
  expect(noResults('cancelled', true).title).toBe('No picture fits');
});
