import type { ErrorCode, Preprocessing } from '@rookery/contracts';
import { expect, it } from 'vitest';
import { type Classifier, openClassifier } from '../src/index.ts';
import { mutatedPictures } from './fuzz-corpus.ts';
import { lookingGlass } from './looking-glass.ts';

const limits = { maxPixels: 4_000_000, hangMs: 60_000 };

const outcomesOf = (classifier: Classifier, pictures: readonly Uint8Array[]): Promise<(ErrorCode | 'labelled')[]> =>
  Promise.all(
    pictures.map((bytes) =>
      classifier.classify(new Uint8Array(bytes), { top: 1 }).then(
        () => 'labelled' as const,
        (error) => error.code,
      ),
    ),
  );

const kernels: [Preprocessing['kernel'], count: number][] = [
  ['bilinear-half-pixel', 2000],
  ['lanczos3', 500],
];

it.each(kernels)(
  '%s: of %i damaged pictures none has another error fast than exact; few are labelled whose damage nobody looked at',
  async (kernel, count) => {
    const model = lookingGlass({ kernel });
    await using exact = await openClassifier(model, limits);
    await using fast = await openClassifier({ ...model, decode: 'fast' }, limits);
    const pictures = await mutatedPictures(count);
    const meant = await outcomesOf(exact, pictures);
    const seen = await outcomesOf(fast, pictures);
    const differing = seen.flatMap((outcome, i) => (outcome === meant[i] ? [] : [`${meant[i]}, ${outcome}`]));
    // Behind the scans that are seen, in a file that has its end.
    expect(differing.filter((each) => each !== 'PICTURE_CORRUPT, labelled')).toEqual([]);
    expect(differing.length).toBeLessThan(count / 100);
    expect(seen.filter((outcome) => outcome === 'labelled').length).toBeGreaterThan(count / 10);
    expect(seen.filter((outcome) => outcome === 'PICTURE_CORRUPT').length).toBeGreaterThan(count / 10);
  },
  240_000,
);
