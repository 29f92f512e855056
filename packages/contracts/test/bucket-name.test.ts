import { expect, it } from 'vitest';
import { isBucketName, labelsOf } from '../src/index.ts';

it.each(['abc', 'birds-2026.example', '0birds9', 'x'.repeat(63)])(
  '%s is the name of a bucket, and of the folder of its labels',
  (name) => {
    expect(isBucketName(name)).toBe(true);
    expect(labelsOf(name)).toBe(`labels/${name}/`);
  },
);

it.each(['Birds_of_2009', 'x'.repeat(255)])('%s may be the name of a bucket from before 2018', (name) =>
  expect(isBucketName(name)).toBe(true),
);

it.each(['', 'ab', '-birds', 'birds-', '.birds', 'birds.', 'a b', 'a/b', 'birds\n', 'bïrds', '..', 'x'.repeat(256)])(
  '%j is the name of none',
  (name) => expect(isBucketName(name)).toBe(false),
);
