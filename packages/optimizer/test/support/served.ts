import { expect } from 'vitest';
import { type Imported, type ImportOptions, importModel } from '../../src/index.ts';
import { decodeModel } from '../../src/onnx/codec.ts';
import type { GraphMessage } from '../../src/onnx/messages.ts';
import { scoresOf } from './run-graph.ts';
import { labels, size } from './small-models.ts';

export const graphFile = ({ draft }: Imported): Uint8Array => {
  const { variants, defaultVariant } = draft.manifest;
  return draft.files.get(variants[defaultVariant]?.path ?? '') ?? new Uint8Array();
};
export const graphOf = (imported: Imported): GraphMessage => decodeModel(graphFile(imported)).graph;
export const operators = (imported: Imported): string[] => graphOf(imported).node.map(({ opType }) => opType);

export const imported = (file: Uint8Array, options: Partial<ImportOptions> = {}): Promise<Imported> =>
  importModel(file, { labels, source: 'small.onnx', ...options });

/** Expects the serving graph to give these scores for these pictures, alone and in a batch. */
export async function expectScores(
  result: Imported,
  pictures: Uint8Array,
  wanted: readonly (readonly number[])[],
  digits = 5,
): Promise<void> {
  expect(result.notes.filter((note) => note.startsWith('left out'))).toEqual([]);
  const picture = size * size * 3;
  const together = await scoresOf(graphFile(result), pictures, [wanted.length, size, size, 3]);
  for (const [n, row] of wanted.entries()) {
    const alone = await scoresOf(graphFile(result), pictures.slice(n * picture, (n + 1) * picture), [1, size, size, 3]);
    for (const [c, score] of row.entries()) {
      expect(together[n * row.length + c]).toBeCloseTo(score, digits);
      expect(alone[c]).toBeCloseTo(score, digits);
    }
  }
}
