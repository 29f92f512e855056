import { describe, expect, it } from 'vitest';
import { imported } from './support/served.ts';
import { dense, fileOf, type SmallModel, smallModel } from './support/small-models.ts';

/** What differs in the last place before it differs this many times as much behind it. */
const magnified = (by: number): SmallModel => ({
  head: (graph, features) => {
    const scores = graph.node('Mul', [dense(graph, features), graph.floats('by', [], [by])]);
    return graph.node('Sin', [scores]);
  },
});

describe('a model that magnifies how its sums are rounded', () => {
  it('is proved as exactly as it is itself, and it is said', async () => {
    const { notes } = await imported(fileOf(smallModel(magnified(1_000))), { range: 'imagenet' });
    expect(notes.join('\n')).toMatch(/proof: to \d\.\de-[345] \(the model's own scores lie/);
  });

  it('is refused with the reason where nothing can be proved of it', async () => {
    await expect(imported(fileOf(smallModel(magnified(1e6))), { range: 'imagenet' })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      detail: expect.stringMatching(/own scores lie .* apart .*: is it trained/),
    });
  });
});
