import { readFile } from 'node:fs/promises';
import { openClassifier } from '@rookery/inference';
import * as plain from '../plain.mjs';
import { inTurns, summarise } from './turns.mjs';

/** (1) and (3): five pictures from disk to the top three, read and decoded each time. */
export async function measureWarm({ paths, model, modelPath, labelsPath }, rounds) {
  const loaded = await plain.load(modelPath, labelsPath);
  const classifier = await openClassifier(model, { tuning: 'never' });
  const seen = await inTurns(
    {
      classifier: async () => {
        await Promise.all(paths.map(async (path) => classifier.classify(await readWhole(path), { top: 3 })));
      },
      plain: async () => {
        await plain.classify(loaded, paths);
      },
    },
    rounds,
  );
  await classifier[Symbol.asyncDispose]();
  return summarise(seen, 'classifier', 'plain');
}

/** A buffer of its own, which can be transferred. */
const readWhole = async (path) => {
  const bytes = await readFile(path);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};
