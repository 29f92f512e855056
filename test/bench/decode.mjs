// Decoding less: `node test/bench/bench.mjs decode [--json] [--pictures 112] [--rounds 5]`.
//
// Exact and fast in turns on the same pictures, all over one megapixel, half progressive and half baseline: pictures a second with the
// inference that both need, bytes that are decoded, and how often the first label is the same. Pictures without a bird are told apart: what
// a classifier of birds calls them hangs on little.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openClassifier } from '@rookery/inference';
import { findSubjects } from './classify/subjects.mjs';
import { agreementOf } from './decode/agreement.mjs';
import { bytesRead } from './decode/bytes-read.mjs';
import { makePictures } from './decode/make-pictures.mjs';
import { print } from './decode/print.mjs';
import { sourcePictures } from './decode/sources.mjs';
import { classifyAll, speedOf } from './decode/speed.mjs';

const options = {
  json: { type: 'boolean', default: false },
  pictures: { type: 'string', default: '112' },
  rounds: { type: 'string', default: '5' },
};

export async function run(args) {
  const { values } = parseArgs({ args, options });
  const say = (text) => void (values.json || process.stderr.write(`${text}\n`));
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  try {
    const subjects = await findSubjects(folder);
    if (!subjects) {
      console.error('not measured: the birds (ROOKERY_SHARED) are not here');
      return;
    }
    say('making pictures');
    const sources = await sourcePictures();
    const pictures = await makePictures(sources, Number(values.pictures));
    const exact = await openClassifier(subjects.model, { tuning: 'never' });
    const fast = await openClassifier({ ...subjects.model, decode: 'fast' }, { tuning: 'never' });
    const report = await measure({ exact, fast }, pictures, Number(values.rounds), say);
    await Promise.all([exact[Symbol.asyncDispose](), fast[Symbol.asyncDispose]()]);
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else print(report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure({ exact, fast }, pictures, rounds, say) {
  const loadBefore = os.loadavg()[0];
  const baseline = pictures.filter(({ encoding }) => encoding === 'baseline');
  const progressive = pictures.filter(({ encoding }) => encoding !== 'baseline');
  const groups = {
    baseline,
    'progressive, libjpeg': progressive.filter(({ encoding }) => encoding === 'progressive'),
    'progressive, mozjpeg': progressive.filter(({ encoding }) => encoding === 'mozjpeg'),
    all: pictures,
  };
  const speed = {};
  for (const [name, group] of Object.entries(groups)) {
    say(`${group.length} pictures: ${name}`);
    speed[name] = await speedOf(group, { exact, fast }, rounds);
  }
  const bytes = Object.fromEntries(
    Object.entries(groups).map(([name, group]) => [name, bytesRead(group, exact.pin.preprocessing)]),
  );
  say('labels');
  const [exactLabels, fastLabels] = [await classifyAll(pictures, exact), await classifyAll(pictures, fast)];
  const outcomes = pictures.map(({ bytes: file, ...picture }, i) => ({
    ...picture,
    sizeBytes: file.length,
    exact: exactLabels[i],
    fast: fastLabels[i],
  }));
  const only = (which) => agreementOf(outcomes.filter(which));
  return {
    machine: { cpu: os.cpus()[0]?.model.trim(), cores: os.availableParallelism(), node: process.version },
    pictures: pictures.length,
    sources: new Set(pictures.map(({ source }) => source)).size,
    enlarged: pictures.filter((picture) => picture.enlarged).length,
    speed,
    bytes,
    agreement: {
      birds: only(({ bird }) => bird),
      'no bird': only(({ bird }) => !bird),
      'all that exact gives a score of at least 0.5': only(({ exact: it }) => it.score >= 0.5),
      all: only(() => true),
    },
    loadBefore,
    loadAfter: os.loadavg()[0],
    outcomes,
  };
}
