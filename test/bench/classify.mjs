// The classifier: `node test/bench/bench.mjs classify [--json] [--rounds 15] [--pictures 500] [--folder 20000]`.
//
// Everything is measured side by side in one run, in turns: the classifier and the plain script (plain.mjs) warm and as processes, the
// classifier and the bare limit of the machine, the exact kernels and libvips' own. Medians; CPU seconds beside the times, since other
// work on the machine stretches the times only.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureFolder } from './classify/folder.mjs';
import { measureKernels } from './classify/kernels.mjs';
import { measureLimit } from './classify/limit.mjs';
import { measurePeak } from './classify/peak.mjs';
import { print } from './classify/print.mjs';
import { measureProcess } from './classify/process.mjs';
import { findSubjects } from './classify/subjects.mjs';
import { measureWarm } from './classify/warm.mjs';

const options = {
  json: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '15' },
  pictures: { type: 'string', default: '500' },
  folder: { type: 'string', default: '0' },
};

export async function run(args) {
  const { values } = parseArgs({ args, options });
  const rounds = Number(values.rounds);
  const pictures = Number(values.pictures);
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  try {
    const subjects = await findSubjects(folder);
    if (!subjects) {
      console.error('not measured: the birds (ROOKERY_SHARED) are not here');
      return;
    }
    const say = (text) => void (values.json || process.stderr.write(`${text}\n`));
    const report = {
      machine: { cpu: os.cpus()[0]?.model.trim(), cores: os.availableParallelism(), node: process.version },
      loadBefore: os.loadavg()[0],
    };
    say('five pictures warm');
    report.warm = await measureWarm(subjects, rounds);
    say('five pictures as a process');
    report.process = await measureProcess(subjects, rounds);
    say(`${pictures} pictures against the bare limit`);
    const files = await Promise.all(subjects.paths.map((path) => readFile(path)));
    report.limit = await measureLimit(files, subjects.model, pictures);
    say('kernels');
    report.kernels = await measureKernels(subjects, rounds);
    say('peak memory');
    report.peak = await measurePeak(subjects, pictures);
    if (Number(values.folder) > 0) {
      say(`a folder of ${values.folder} pictures`);
      report.folder = await measureFolder(subjects, folder, Number(values.folder));
    }
    report.loadAfter = os.loadavg()[0];
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else print(report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
