// Reading less: `node test/bench/bench.mjs ranges [--json] [--pictures 56] [--rounds 5]`.
//
// The same pictures as `decode`, in a bucket of a real S3 server on this machine: read whole and by range in turns, both decoded fast, through
// the worker's own fetcher. Bytes, requests and pictures a second; every line must be the same both ways. What several sizes of the first range
// would read is counted without a server.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { openClassifier, pictureNeed } from '@rookery/inference';
import { openStore } from '../../packages/storage/dist/index.js';
import { defaultLimits } from '../../packages/worker/dist/limits.js';
import { firstRangeBytes } from '../../packages/worker/dist/picture/fetch-needed.js';
import { Fetcher } from '../../packages/worker/dist/picture/fetcher.js';
import { startS3, testCredentials, testRegion } from '../services/for-node.mjs';
import { findSubjects } from './classify/subjects.mjs';
import { inTurns } from './classify/turns.mjs';
import { makePictures } from './decode/make-pictures.mjs';
import { sourcePictures } from './decode/sources.mjs';
import { median, round } from './fleet/figures.mjs';

const options = {
  json: { type: 'boolean', default: false },
  pictures: { type: 'string', default: '56' },
  rounds: { type: 'string', default: '5' },
};
const bucket = 'rookery-bench';
const guard = { run: (ask) => ask() };
/** Always, whatever the fetcher would soon prefer here. */
const habit = { isWorthTrying: () => true, took() {} };
/** Of the modelled line, bytes/ms: 100 Mbit/s for all that come at the same time. */
const lineRate = 12_500;
const kB = 1024;

export async function run(args) {
  const { values } = parseArgs({ args, options });
  const closing = [];
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  try {
    const subjects = await findSubjects(folder);
    if (!subjects) {
      console.error('not measured: the birds (ROOKERY_SHARED) are not here');
      return;
    }
    const pictures = await makePictures(await sourcePictures(), Number(values.pictures));
    const server = await startS3();
    closing.push(server);
    const s3 = { endpoint: server.endpoint, region: testRegion, credentials: testCredentials, pathStyle: true };
    const client = new S3Client({ ...s3, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
    const store = await openStore(`s3://${bucket}`, { s3 });
    closing.push(store);
    for (const [at, { bytes }] of pictures.entries()) await store.put(keyOf(at), bytes);
    const classifier = await openClassifier({ ...subjects.model, decode: 'fast' }, { tuning: 'never' });
    closing.push(classifier);
    const report = {
      machine: { cpu: os.cpus()[0]?.model.trim(), cores: os.availableParallelism(), node: process.version },
      server: server.kind,
      ...(await measureAll(pictures, { store, classifier, rounds: Number(values.rounds) })),
    };
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else print(report);
  } finally {
    for (const each of closing.reverse()) await each[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

const keyOf = (at) => `${String(at).padStart(4, '0')}.jpg`;

async function measureAll(pictures, { store, classifier, rounds }) {
  const numbered = pictures.map((picture, at) => ({ ...picture, at }));
  const groups = {
    progressive: numbered.filter(({ encoding }) => encoding !== 'baseline'),
    baseline: numbered.filter(({ encoding }) => encoding === 'baseline'),
    all: numbered,
  };
  const need = pictureNeed(classifier.pin);
  const found = {};
  for (const [name, group] of Object.entries(groups)) {
    const whole = contestant(group, { store, classifier });
    const ranges = contestant(group, { store, classifier, need });
    const slowWhole = contestant(group, { store: behindLine(store), classifier });
    const slowRanges = contestant(group, { store: behindLine(store), classifier, need });
    const all = { whole: whole.run, ranges: ranges.run, slowWhole: slowWhole.run, slowRanges: slowRanges.run };
    const seen = await inTurns(all, rounds);
    const perSecond = (ms) => round((group.length * 1000) / ms);
    const differing = group.filter((_, i) => whole.lines[i] !== ranges.lines[i]).length;
    if (differing > 0) throw new Error(`${differing} of ${group.length} pictures have other lines by range`);
    found[name] = {
      pictures: group.length,
      objectBytes: whole.read,
      readBytes: ranges.read,
      share: ranges.read / whole.read,
      requests: { whole: whole.requests / group.length, ranges: ranges.requests / group.length },
      perSecond: { whole: perSecond(median(seen.whole.ms)), ranges: perSecond(median(seen.ranges.ms)) },
      ratio: round(median(seen.whole.ms.map((ms, i) => ms / seen.ranges.ms[i])), 2),
      cpuRatio: round(median(seen.whole.cpuMs.map((ms, i) => ms / seen.ranges.cpuMs[i])), 2),
      line: {
        whole: perSecond(median(seen.slowWhole.ms)),
        ranges: perSecond(median(seen.slowRanges.ms)),
        ratio: round(median(seen.slowWhole.ms.map((ms, i) => ms / seen.slowRanges.ms[i])), 2),
      },
    };
  }
  return { groups: found, firstRanges: firstRanges(groups.progressive, need) };
}

/** All pictures of a group, so many at a time as a worker has; what was read is that of the last round. */
function contestant(group, { store, classifier, need }) {
  const state = { read: 0, requests: 0, lines: [], run };
  const counted = {
    location: store.location,
    get: (...given) => {
      state.requests += 1;
      return store.get(...given);
    },
    read: (...given) => {
      state.requests += 1;
      return store.read(...given);
    },
    head: (...given) => {
      state.requests += 1;
      return store.head(...given);
    },
  };
  const fetcher = new Fetcher({ ...defaultLimits, habit, onFetched: (bytes) => (state.read += bytes) });
  async function run() {
    [state.read, state.requests] = [0, 0];
    let next = 0;
    const lane = async () => {
      while (next < group.length) {
        const place = next++;
        const item = { key: keyOf(group[place].at) };
        const { signal } = new AbortController();
        const picture = await fetcher.fetch(item, { store: counted, guard }, signal, need);
        const { bytes, isCut, etag, sizeBytes } = picture;
        try {
          const { width, height, predictions } = await classifier.classify(bytes, { top: 3, isCut });
          state.lines[place] = JSON.stringify({ etag, sizeBytes, width, height, predictions });
        } finally {
          picture.release();
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, lane));
  }
  return state;
}

/** The store as if its bodies came over one line, one after the other. */
function behindLine(store) {
  let free = 0;
  const carry = async (bytes) => {
    free = Math.max(free, performance.now()) + bytes / lineRate;
    await sleep(free - performance.now());
  };
  return {
    location: store.location,
    head: (...given) => store.head(...given),
    async get(...given) {
      const object = await store.get(...given);
      await carry(object.body.byteLength);
      return object;
    },
    async read(...given) {
      const object = await store.read(...given);
      async function* chunks() {
        for await (const chunk of object.chunks) {
          await carry(chunk.byteLength);
          yield chunk;
        }
      }
      return { ...object, chunks: chunks() };
    },
  };
}

/** What would be read, and with how many requests, beginning with so many bytes. */
function firstRanges(pictures, need) {
  return [32, 64, 96, 128, 256].map((size) => {
    let [read, requests] = [0, 0];
    for (const { bytes } of pictures) {
      for (let have = Math.min(size * kB, bytes.length); ; have = Math.min(2 * have, bytes.length)) {
        requests += 1;
        const needed = have === bytes.length ? 'all' : need.of(new Uint8Array(bytes.subarray(0, have)));
        if (needed === 'more') continue;
        read += needed === 'all' ? bytes.length : have + 2;
        if (have < bytes.length) requests += 1;
        break;
      }
    }
    return { kB: size, readBytes: Math.round(read / pictures.length), requests: round(requests / pictures.length, 2) };
  });
}

function print({ machine, server, groups, firstRanges: sizes }) {
  console.log(`${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, ${server} on the same machine`);
  console.log('\nread whole and by range, both decoded fast');
  for (const [name, it] of Object.entries(groups))
    console.log(
      `  ${name.padEnd(12)} ${it.pictures} pictures, ${round(it.objectBytes / it.pictures / kB)} kB each: ${round(it.share * 100)} % of the bytes, ${round(it.requests.ranges, 2)} requests for ${round(it.requests.whole, 2)}; pictures/s ${it.perSecond.whole} whole, ${it.perSecond.ranges} by range (${it.ratio}, processor time ${it.cpuRatio}), over a modelled line of 100 Mbit/s ${it.line.whole} and ${it.line.ranges} (${it.line.ratio}); every line the same`,
    );
  console.log(`\nfirst range, of progressive ones (it is ${firstRangeBytes / kB} kB)`);
  for (const { kB: size, readBytes, requests } of sizes)
    console.log(`  ${String(size).padStart(4)} kB: ${round(readBytes / kB)} kB in ${requests} requests a picture`);
}
