import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { openClassifier } from '@rookery/inference';
import { scriptOf } from './python.mjs';

/** What a picture costs in one thread, decoding and inference apart, milliseconds: Rookery's and everybody else's. */
export async function measureStages({ python, env, paths, models }) {
  const { stdout } = await promisify(execFile)(`${python.bin}python`, [scriptOf('stages'), ...paths], { env });
  const found = JSON.parse(stdout.trim().split('\n').at(-1));
  const files = await Promise.all(paths.map((path) => readFile(path)));
  const ours = {};
  for (const [name, model] of Object.entries(models)) {
    const classifier = await openClassifier(model, { threads: 1, decoders: 1, batch: 4 });
    const { width, height } = model.preprocessing;
    const [decode, infer] = [[], []];
    for (let time = 0; time < 9; time++) {
      const alone = [];
      for (const file of files) alone.push(await classifier.classify(new Uint8Array(file), { top: 1 }));
      decode.push(alone.reduce((sum, { timings }) => sum + timings.decodeMs, 0) / files.length);
      const pixels = Array.from({ length: 4 }, () => new Uint8Array(width * height * 3));
      for (const { timings } of await Promise.all(pixels.map((each) => classifier.classifyPixels(each, { top: 1 }))))
        infer.push(timings.inferMs / timings.batchSize);
    }
    await classifier[Symbol.asyncDispose]();
    ours.decode = Math.min(ours.decode ?? Number.POSITIVE_INFINITY, ...decode);
    ours[name] = Math.min(...infer);
  }
  const { decode, ...inference } = ours;
  return {
    decode: { Rookery: decode, OpenCV: found.OpenCV },
    inference: { ...inference, ...without(found, 'OpenCV') },
  };
}

const without = (object, key) => Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
