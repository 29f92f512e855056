// Imports the SavedModels and frozen graphs that make-tensorflow.py wrote and compares with what TensorFlow itself gave.
//
//     node test/peers/compare-tensorflow.mjs FOLDER
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { importFolder, importModel } from '@rookery/optimizer';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node test/peers/compare-tensorflow.mjs FOLDER');
const floats = (path) => new Float32Array(new Uint8Array(readFileSync(path)).buffer);
const pixels = new Uint8Array(readFileSync(join(folder, 'pictures.bin')));
const size = 96;
const options = {
  labels: Array.from({ length: 10 }, (_, n) => `class ${n}`),
  source: 'made',
  range: '0..255',
  activation: 'none',
  kernel: 'bilinear-half-pixel',
  resize: 'stretch',
};
let failed = 0;
for (const name of readdirSync(folder, { withFileTypes: true })
  .filter((each) => each.isDirectory())
  .map((each) => each.name)) {
  const expected = floats(join(folder, name, 'expected.bin'));
  const spread = Math.max(...expected) - Math.min(...expected);
  for (const form of ['savedmodel', 'saved_by_tensorflow', 'frozen.pb']) {
    const path = join(folder, name, form);
    try {
      const read = (file) => readFile(join(path, file)).catch(() => undefined);
      const { draft, notes } = form.endsWith('.pb')
        ? await importModel(readFileSync(path), options)
        : await importFolder(read, options);
      const session = await InferenceSession.create(draft.files.get('model.fp32.onnx'), {
        logSeverityLevel: 4,
        intraOpNumThreads: 1,
      });
      const [scores] = Object.values(await session.run({ images: new Tensor('uint8', pixels, [4, size, size, 3]) }));
      await session.release();
      const off = Math.max(...expected.map((value, at) => Math.abs(value - scores.data[at]))) / Math.max(1, spread);
      const left = notes.filter((note) => note.startsWith('left out'));
      if (!(off <= 1e-4)) failed += 1;
      console.log(
        `${off <= 1e-4 ? 'ok  ' : 'FAIL'} ${name} ${form}: off by ${off.toExponential(1)} ${left.join('; ')}`,
      );
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name} ${form}: ${error.message}`);
    }
  }
}
process.exitCode = failed > 0 ? 1 : 0;
