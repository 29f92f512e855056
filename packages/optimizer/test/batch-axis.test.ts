import { describe, expect, it } from 'vitest';
import { randomPictures } from '../src/random-pictures.ts';
import { ownScores } from './support/own-scores.ts';
import { expectScores, imported, operators } from './support/served.ts';
import { dense, fileOf, size, smallModel, softmax } from './support/small-models.ts';

const pictures = randomPictures(4, size, size, 5);

describe('a model that was exported for a fixed number of pictures', () => {
  it('takes any number once its shapes are opened', async () => {
    const model = smallModel({
      batch: 1,
      head: (graph, features) => dense(graph, graph.node('Reshape', [features, graph.ints('shape', [2], [1, -1])])),
    });
    const file = fileOf(model);
    const result = await imported(file, { range: '0..1' });
    await expectScores(result, pictures, (await ownScores(file, pictures, { scale: 1 / 255 })).map(softmax));
    expect(result.notes).toContain('batch: any (the file was made for 1)');
  });

  it('takes any number also where the file says 4', async () => {
    const file = fileOf(smallModel({ batch: 4 }));
    const result = await imported(file, { range: '0..1' });
    await expectScores(result, pictures, (await ownScores(file, pictures, { scale: 1 / 255, batch: 4 })).map(softmax));
  });

  it('is run on one picture after the other where its shapes cannot be opened', async () => {
    const model = smallModel({
      batch: 1,
      // Mixes the batch into the features: right for one picture alone.
      head: (graph, features) => {
        const flat = graph.node('Reshape', [features, graph.ints('flat', [1], [8])]);
        return dense(graph, graph.node('Reshape', [flat, graph.ints('row', [2], [1, 8])]));
      },
    });
    const file = fileOf(model);
    const result = await imported(file, { range: '0..1' });
    expect(operators(result)).toContain('Scan');
    expect(result.notes.join()).toMatch(/batch: one picture after the other/);
    await expectScores(result, pictures, (await ownScores(file, pictures, { scale: 1 / 255 })).map(softmax));
  });

  it('is refused where it takes exactly several and cannot be opened', async () => {
    const model = smallModel({
      batch: 2,
      head: (graph, features) => {
        const flat = graph.node('Reshape', [features, graph.ints('flat', [1], [16])]);
        return dense(graph, graph.node('Reshape', [flat, graph.ints('row', [2], [2, 8])]));
      },
    });
    await expect(imported(fileOf(model), { range: '0..1' })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      detail: expect.stringMatching(/exactly 2 pictures.*dynamic batch axis/),
    });
  });
});
