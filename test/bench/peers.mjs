// Rookery beside what people would use instead: `pnpm bench peers [--rounds 7] [--count 200] [--only NAME,NAME] [--json] [--write]`.
//
// The same pictures and the same model through Python with ONNX Runtime, OpenVINO, TensorFlow Lite, Ray Data, LitServe, BentoML, and Triton's
// client. All are running and warm; they take turns within each round, and each is compared with Rookery in the same round, since the machine is
// not ours alone. Two threads each. Needs Linux, Python 3.11 and PyPI, and the birds (ROOKERY_SHARED). `--write` puts raw figures, tables and a
// plot into docs/benchmarks.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openRegistry } from '@rookery/models';
import { importModel } from '@rookery/optimizer';
import { findSubjects } from './classify/subjects.mjs';
import { contestants, ours } from './peers/contestants.mjs';
import { measure } from './peers/measure.mjs';
import { tables, withTables } from './peers/page.mjs';
import { plot } from './peers/plot.mjs';
import { openPython } from './peers/python.mjs';
import { measureStages } from './peers/stages.mjs';

const [threads, callers] = [2, 8];
const docs = new URL('../../docs/benchmarks/', import.meta.url);
const options = {
  rounds: { type: 'string', default: '7' },
  count: { type: 'string', default: '200' },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
};

export async function run(args) {
  const { values } = parseArgs({ args, options });
  const say = (text) => process.stderr.write(`${text}\n`);
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-peers-'));
  const running = [];
  try {
    const subjects = await findSubjects(folder);
    if (!subjects) return void say('not measured: the birds (ROOKERY_SHARED) are not here');
    const setting = await prepare(subjects, folder, say);
    const wanted = values.only?.split(',');
    const missing = [];
    for (const each of contestants(setting)) {
      if (wanted && !wanted.includes(each.name) && !Object.values(ours).includes(each.name)) continue;
      try {
        const peer = await each.start();
        running.push({ ...each, peer, rounds: [], twoPicturesMs: [] });
        say(`${each.name} is running`);
      } catch (error) {
        missing.push({ name: each.name, reason: reasonOf(error, setting.python.missing) });
        say(`${each.name} is not here: ${missing.at(-1).reason}`);
      }
    }
    const report = await measure({
      running,
      sets: setting.sets,
      rounds: Number(values.rounds),
      count: Number(values.count),
      say,
    });
    for (const { peer } of running.splice(0)) await peer.stop();
    Object.assign(report, { threads, callers, missing, stages: await measureStages(setting) });
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else console.log(tables(report));
    if (values.write) await write(report);
  } finally {
    for (const { peer } of running) await peer.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const reasonOf = (error, missing) => {
  const [name] = Object.keys(missing).filter((each) => error.message.includes(each.replaceAll('-', '_')));
  return name ? missing[name] : error.message;
};

async function prepare({ paths, modelPath, labelsPath, registryFolder, model }, folder, say) {
  const labels = (await readFile(labelsPath, 'utf8')).trimEnd().split('\n');
  const tflite = join(dirname(modelPath), 'model.tflite');
  const { draft } = await importModel(await readFile(tflite), {
    labels,
    source: 'model.tflite',
    activation: 'none',
    kernel: 'bilinear-half-pixel',
    resize: 'stretch',
  });
  const registry = openRegistry({ folder: registryFolder });
  await registry.publish('birds-quantised', draft);
  const smallFolder = join(dirname(paths[0]), '../birds_224');
  const small = (await readdir(smallFolder)).sort().map((name) => join(smallFolder, name));
  const python = await openPython(say);
  const one = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const given = { PEER_THREADS: String(threads), PEER_MODEL: modelPath, PEER_TFLITE: tflite };
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    ...one,
    ...given,
    RAY_USAGE_STATS_ENABLED: '0',
    BENTOML_DO_NOT_TRACK: 'True',
  };
  return {
    ...{ python, env, folder, registry: registryFolder, labels, threads, callers, paths },
    models: {
      'Rookery float32': model,
      'Rookery int8': await registry.load('birds-quantised', { variant: 'int8' }),
    },
    sets: [
      { name: 'photographs', what: 'photographs of 30 kB to 600 kB', paths },
      { name: 'small', what: 'PNG of 224 by 224 pixels', paths: small },
    ],
  };
}

async function write(report) {
  const at = (name) => fileURLToPath(new URL(name, docs));
  await writeFile(at('peers.json'), `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(at('peers.svg'), plot(report));
  await writeFile(at('peers.md'), withTables(await readFile(at('peers.md'), 'utf8'), tables(report)));
}
