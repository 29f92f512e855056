// A version of 100 MB from one folder to another by the registry, over a plain copy of its file that is as durable.
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { copyVersion, openRegistry } from '../../../packages/models/dist/index.js';
import { median, round } from '../fleet/figures.mjs';

const sizeBytes = 100_000_000;

/** The registry never looks into a graph. */
const draftOf = (graph) => ({
  manifest: {
    signature: { input: { name: 'pictures', type: 'uint8' }, output: { name: 'scores', classes: 3 } },
    preprocessing: { width: 224, height: 224, resize: 'stretch', kernel: 'bilinear-half-pixel' },
    decode: 'exact',
    labels: 'labels.txt',
    variants: { fp32: { format: 'onnx', path: 'model.fp32.onnx', stableBatch: 1 } },
    defaultVariant: 'fp32',
    normalisation: { layout: 'nhwc', channels: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
    provenance: { source: 'model.onnx', importer: 'a benchmark' },
  },
  files: new Map([
    ['model.fp32.onnx', graph],
    ['labels.txt', new TextEncoder().encode('ant\nbee\ncat\n')],
  ]),
});

async function seconds(work) {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

/** Seconds of each and their ratio, medians of interleaved pairs. */
export async function registryPull(pairs = 15) {
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-pull-'));
  const graph = randomBytes(sizeBytes);
  const file = join(folder, 'plain.onnx');
  await writeFile(file, graph);
  const source = openRegistry({ folder: join(folder, 'source'), builtIn: [] });
  await source.publish('large', draftOf(graph), { alias: 'production' });
  const pull = async () => {
    const target = join(folder, 'target');
    const took = await seconds(() =>
      copyVersion(source, openRegistry({ folder: target, builtIn: [] }), 'large:production'),
    );
    await rm(target, { recursive: true });
    return took;
  };
  const copy = async () => {
    const target = join(folder, 'copied.onnx');
    const took = await seconds(async () => {
      await copyFile(file, target);
      const handle = await open(target, 'r+');
      await handle.sync();
      await handle.close();
    });
    await rm(target);
    return took;
  };
  const rounds = [];
  for (let at = -1; at < pairs; at++) {
    const first = at % 2 === 0 ? await pull() : undefined;
    const plain = await copy();
    const pulled = first ?? (await pull());
    // The first one warms what is read.
    if (at >= 0) rounds.push({ pulled, plain });
  }
  await rm(folder, { recursive: true, force: true });
  const of = (figure) => median(rounds.map(figure));
  return {
    megabytes: sizeBytes / 1e6,
    pairs,
    pullSeconds: round(
      of(({ pulled }) => pulled),
      3,
    ),
    copySeconds: round(
      of(({ plain }) => plain),
      3,
    ),
    pullOverCopy: round(
      of(({ pulled, plain }) => pulled / plain),
      2,
    ),
  };
}
