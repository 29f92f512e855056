// Imports every TFLite file of a folder and compares what its variants give with TensorFlow's own interpreter, for the same pictures.
//
//     node test/peers/compare-tflite.mjs FOLDER [PYTHON]     (needs `pip install ai-edge-litert`; make-tflite.py makes files)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { importModel } from '@rookery/optimizer';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [folder, python = 'python3'] = process.argv.slice(2);
if (!folder) throw new Error('usage: node test/peers/compare-tflite.mjs FOLDER [PYTHON]');
const runner = fileURLToPath(new URL('run-tflite.py', import.meta.url));
const count = 4;
const work = mkdtempSync(join(tmpdir(), 'rookery-tflite-'));

/** Smooth colours with grain on them; the same every time. */
function pictures(height, width) {
  let state = 11;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const values = new Uint8Array(count * height * width * 3);
  for (let n = 0, at = 0; n < count; n += 1) {
    const waves = [0, 1, 2].map(() => [random() * 0.2, random() * 0.2, random() * 6]);
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1)
        for (const [down, across, start] of waves)
          values[at++] = 128 + 100 * Math.sin(y * down + x * across + start) + random() * 20;
  }
  return values;
}

async function ours(file, pixels, { height, width }) {
  const session = await InferenceSession.create(file, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  const feed = new Tensor('uint8', pixels, [count, height, width, 3]);
  const [scores] = Object.values(await session.run({ images: feed }));
  await session.release();
  return scores.data;
}

/** What TensorFlow's interpreter gives for pictures as the model wants them. */
function theirs(model, pixels, { height, width }, { scale, mean, std }) {
  const [runs, values, results] = ['runs', 'values', 'results'].map((name) => join(work, name));
  writeFileSync(
    values,
    Float32Array.from(pixels, (pixel, at) => (pixel * scale - mean[at % 3]) / std[at % 3]),
  );
  writeFileSync(runs, JSON.stringify([{ model, values, shape: [count, height, width, 3] }]));
  execFileSync(python, [runner, runs, results], { stdio: 'ignore' });
  const [{ rows, error }] = JSON.parse(readFileSync(results, 'utf8'));
  if (error) throw new Error(error);
  return rows.flatMap(([row]) => row);
}

try {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.tflite'))) {
    const bytes = new Uint8Array(readFileSync(join(folder, name)));
    try {
      const { draft } = await importModel(bytes, {
        labels: Array.from({ length: 10 }, (_, n) => `class ${n}`),
        source: name,
        activation: 'none',
        kernel: 'bilinear-half-pixel',
        resize: 'stretch',
      });
      const { preprocessing, normalisation, variants } = draft.manifest;
      const { height, width } = preprocessing;
      const pixels = pictures(height, width);
      const expected = theirs(join(folder, name), pixels, preprocessing, normalisation);
      const spread = Math.max(...expected) - Math.min(...expected);
      const results = [];
      for (const [variant, { path, stableBatch }] of Object.entries(variants)) {
        const given = await ours(draft.files.get(path), pixels, preprocessing);
        const off = Math.max(...expected.map((value, at) => Math.abs(value - given[at])));
        results.push(
          `${variant} off by ${((off / spread) * 100).toPrecision(2)} % of the spread, batch ${stableBatch}`,
        );
      }
      console.log(`${name}: ${results.join('; ')} (${spread.toPrecision(3)})`);
    } catch (error) {
      console.log(`${name}: ${error.code ?? ''} ${error.detail ?? error.message}`);
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
