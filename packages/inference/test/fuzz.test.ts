import { type ErrorCode, isErrorCode } from '@rookery/contracts';
import { expect, it } from 'vitest';
import { openClassifier } from '../src/index.ts';
import { mutatedPictures, seeds } from './fuzz-corpus.ts';
import { lookingGlass } from './looking-glass.ts';

it('2,000 mutations of pictures: none ends or stops the classifier, each is labelled or has its code, twice the same', async () => {
  await using classifier = await openClassifier(lookingGlass(), { maxPixels: 4_000_000, hangMs: 60_000 });
  const outcomes = new Map<string, number>();
  const outcomeOf = async (bytes: Uint8Array): Promise<ErrorCode | 'labelled'> =>
    classifier.classify(new Uint8Array(bytes), { top: 1 }).then(
      () => 'labelled',
      (error) => error.code,
    );
  const mutated = await mutatedPictures(2000);
  const first = await Promise.all(mutated.map(outcomeOf));
  for (const code of first) outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
  for (const code of outcomes.keys()) expect(code === 'labelled' || isErrorCode(code), code).toBe(true);
  expect(outcomes.get('labelled')).toBeGreaterThan(200);
  expect(outcomes.get('PICTURE_CORRUPT')).toBeGreaterThan(200);
  expect(outcomes.get('ENGINE_FAILED')).toBeUndefined();
  expect(outcomes.get('INTERNAL')).toBeUndefined();
  // Every tenth again: an outcome belongs to the bytes.
  const again = mutated.filter((_, i) => i % 10 === 0);
  expect(await Promise.all(again.map(outcomeOf))).toEqual(first.filter((_, i) => i % 10 === 0));
  expect(await outcomeOf((await seeds())[0] as Buffer)).toBe('labelled');
}, 240_000);
