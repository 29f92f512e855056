import { describe, expect, it } from 'vitest';
import {
  digestOf,
  encodeResultLine,
  errorCodeOf,
  errorLine,
  labelKey,
  parseResultLine,
  pinDigest,
} from '../src/index.ts';
import { aPin } from './a-pin.ts';

describe('a result line', () => {
  const line = {
    predictions: [{ score: 0.25, label: 'Erithacus rubecula', index: 7 }],
    model: pinDigest(aPin),
    key: 'a/b.jpg',
    height: 2,
    width: 1,
    size: 10,
    etag: 'e',
  };

  it('has its fields in the order of the schema, whatever the order they came in', () => {
    expect(encodeResultLine(line)).toBe(
      `{"key":"a/b.jpg","etag":"e","size":10,"width":1,"height":2,"model":"${pinDigest(aPin)}",` +
        '"predictions":[{"label":"Erithacus rubecula","index":7,"score":0.25}]}\n',
    );
  });

  it('reads back as it was written', () => expect(parseResultLine(encodeResultLine(line))).toEqual(line));

  it('says why a picture has no label, in the fixed text of the code', () => {
    const failed = errorLine({ key: 'k' }, digestOf('m'), 'PICTURE_CORRUPT');
    expect(failed.error?.message).toBe('the picture is damaged and cannot be decoded');
    expect(errorCodeOf(failed)).toBe('PICTURE_CORRUPT');
  });
});

describe('the digest of a pin', () => {
  it('does not depend on the order of its members', () => {
    const turned = Object.fromEntries(Object.entries(aPin).reverse()) as typeof aPin;
    expect(pinDigest(turned)).toBe(pinDigest(aPin));
  });
});

describe('the place of a label', () => {
  it('is the key, readable', () => expect(labelKey('photos', 'a/b.jpg')).toBe('labels/photos/a/b.jpg.json'));

  it.each([
    '../../etc/passwd',
    '/a',
    'a//b',
    'a/./b',
    'x'.repeat(1000),
    `${'x'.repeat(250)}/y`,
    '.rookery-tmp/x',
    'a/.rookery-tags',
    'a\0b',
    `.hashed/${'0'.repeat(64)}`,
  ])('is a hash for %s', (key) =>
    expect(labelKey('photos', key)).toMatch(/^labels\/photos\/\.hashed\/[0-9a-f]{64}\.json$/),
  );

  it('keeps a folder apart from a bucket', () =>
    expect(labelKey('file:///data/in', 'a.jpg')).toMatch(/^labels\/folder-[0-9a-f]{16}\/a/));

  it.each(['Photos', 'my_photos', 'x'.repeat(64)])('is below a hash for a bucket of the old kind: %s', (bucket) =>
    expect(labelKey(bucket, 'a.jpg')).toMatch(/^labels\/folder-[0-9a-f]{16}\/a\.jpg\.json$/),
  );
});
