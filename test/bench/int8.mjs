// Bytes instead of numbers: `node test/bench/bench.mjs int8 [--json] [--rounds 15]`.
//
// The birds as int8, calibrated with the real pictures that registries carry, none of a bird. Its labels beside float32's on all birds that can
// be had; then the five birds from disk to labels, in turns: the plain script, and the classifier with float32 and int8, decoding exactly and
// fast. To reach: float32's label on 99 % of the birds; int8 and fast in at most 0.55 of the script.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openClassifier } from '@rookery/inference';
import { openRegistry } from '@rookery/models';
import { findSubjects } from './classify/subjects.mjs';
import { inTurns } from './classify/turns.mjs';
import { median, round } from './fleet/figures.mjs';
import { birdStamps } from './pictures/bird-stamps.mjs';
import { registryPictures } from './pictures/registry-pictures.mjs';
import * as plain from './plain.mjs';

const options = { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '15' } };
const command = fileURLToPath(new URL('../../packages/cli/dist/rookery.js', import.meta.url));

export async function run(args) {
  const { values } = parseArgs({ args, options });
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  try {
    const subjects = await findSubjects(folder);
    if (!subjects) {
      console.error('not measured: the birds (ROOKERY_SHARED) are not here');
      return;
    }
    const { pictures, missing } = await registryPictures();
    if (missing) console.error(`only the pictures of npm are here: ${missing}`);
    const stamps = await birdStamps();
    if (stamps.missing) console.error(`only the five birds are here: ${stamps.missing}`);
    const birds = [...subjects.paths.map((path) => ({ name: basename(path), path })), ...stamps.pictures];
    const made = await optimise(pictures, birds, subjects, folder);
    const int8 = await openRegistry({ folder: subjects.registryFolder }).load(`birds@${made.to.version}`, {
      variant: 'int8',
    });
    const loadBefore = os.loadavg()[0];
    const report = {
      machine: { cpu: os.cpus()[0]?.model.trim(), cores: os.availableParallelism(), node: process.version },
      pictures: pictures.length,
      birds: birds.length,
      made,
      ...(await measureFive(subjects, int8, Number(values.rounds))),
      load: [loadBefore, os.loadavg()[0]],
    };
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else print(report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** By the command that people use, every layer in bytes. Resolves to its report. */
async function optimise(calibration, birds, { registryFolder }, folder) {
  const here = async (name, pictures) => {
    await mkdir(join(folder, name));
    for (const { name: file, path } of pictures) {
      const end = extname(file) === '' ? extname(path) : '';
      await cp(path, join(folder, name, `${file}${end}`));
    }
    return join(folder, name);
  };
  const pictures = ['--calibrate', await here('calibration', calibration), '--check', await here('birds', birds)];
  const given = [...pictures, '--agreement', '0', '--report', join(folder, 'report')];
  const child = spawn(
    process.execPath,
    [command, 'optimize', 'int8', 'birds', '--models', registryFolder, '--quiet', ...given],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`rookery optimize int8 ended with ${code}`);
  return JSON.parse(await readFile(join(folder, 'report', 'report.json'), 'utf8'));
}

async function measureFive({ paths, model, modelPath, labelsPath }, int8, rounds) {
  const loaded = await plain.load(modelPath, labelsPath);
  const settings = {
    'float32, exact': model,
    'float32, fast': { ...model, decode: 'fast' },
    'int8, exact': int8,
    'int8, fast': { ...int8, decode: 'fast' },
  };
  const classifiers = {};
  for (const [name, each] of Object.entries(settings))
    classifiers[name] = await openClassifier(each, { tuning: 'never' });
  const contestants = { plain: async () => void (await plain.classify(loaded, paths)) };
  const labels = {};
  for (const [name, classifier] of Object.entries(classifiers))
    contestants[name] = async () => {
      labels[name] = await Promise.all(
        paths.map(
          async (path) =>
            (await classifier.classify(new Uint8Array(await readFile(path)), { top: 1 })).predictions[0].label,
        ),
      );
    };
  const seen = await inTurns(contestants, rounds);
  for (const classifier of Object.values(classifiers)) await classifier[Symbol.asyncDispose]();
  const five = Object.fromEntries(
    Object.entries(seen).map(([name, { ms, cpuMs }]) => [
      name,
      {
        ms: round(median(ms)),
        cpuMs: round(median(cpuMs)),
        ratio: round(median(ms.map((each, i) => each / seen.plain.ms[i])), 3),
        cpuRatio: round(median(cpuMs.map((each, i) => each / seen.plain.cpuMs[i])), 3),
        ...(labels[name] && {
          sameLabels: labels[name].filter((label, i) => label === labels['float32, exact'][i]).length,
        }),
      },
    ]),
  );
  return { files: paths.map((path) => basename(path)), five };
}

const percent = (share) => `${(share * 100).toFixed(1)} %`;

function print({ machine, made, five, files, load }) {
  const { agreement, calibration, pace } = made;
  console.log(
    `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, load ${load.map((it) => it.toFixed(1)).join(' to ')}`,
  );
  console.log(`\nint8, calibrated with ${calibration.sources} different real pictures of registries, none of a bird`);
  console.log(
    `  keeps float32's label on ${percent(agreement.stable)} of ${agreement.sources} different birds (95 %: ${(agreement.interval ?? []).map(percent).join(' to ')}; to reach: 99 %)`,
  );
  for (const { batch, ratio } of pace) console.log(`  engine alone, batch ${batch}: ${ratio.toFixed(2)} times float32`);
  console.log(`\n${files.length} birds from disk to labels, of the plain script (to reach, int8 and fast: 0.55)`);
  for (const [name, { ms, ratio, cpuMs, cpuRatio, sameLabels }] of Object.entries(five))
    console.log(
      `  ${name.padEnd(15)} ${String(ms).padStart(6)} ms  ${ratio.toFixed(3)}, processor time ${cpuMs} ms ${cpuRatio.toFixed(3)}${sameLabels === undefined ? '' : `, the label of exact float32 on ${sameLabels} of ${files.length}`}`,
    );
}
