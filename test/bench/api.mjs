// The service against the classifier that it stands on: `pnpm bench api [--json] [--pairs 5] [--seconds 4]`.
//
// 1. closed loop at 1, 8, 64 callers with 16 kB pictures, in turns with as many callers of the same warm classifier from memory
// 2. open loop at 80 % of the capacity measured in 1, steady and random, beside an ideal server of that capacity with the same arrivals, as many
//    times as pairs
// 3. overload: three times the capacity, beside the capacity alone with twice as much on a route that does nothing; and what a quarter of the
//    capacity on that route sees meanwhile, which any answer of this process on this machine waits for
// 4. jobs made through the API, 8 callers, on a folder as store
//
// The service is one process, the load another. Times are milliseconds as the load sees them.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { startChild } from './api/child.mjs';
import { median, round } from './fleet/figures.mjs';
import { smallPictures } from './fleet/pictures.mjs';

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      pairs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      callers: { type: 'string', default: '1,8,64' },
      memory: { type: 'boolean', default: false },
    },
  });
  const say = (text) => console.error(text);
  if (values.memory) {
    const { measureMemory } = await import('./api/memory.mjs');
    console.log(JSON.stringify(await measureMemory(say), null, 2));
    return;
  }
  const pictures = (await smallPictures()).map((bytes) => bytes.toString('base64'));
  const server = await startChild('./server-child.mjs');
  const load = await startChild('./load-child.mjs');
  try {
    const { address, tuning } = server.hello;
    const bench = {
      server,
      load,
      url: `${address}/v1/classify`,
      address,
      pictures,
      ms: Number(values.seconds) * 1000,
      say,
    };
    const closed = [];
    for (const callers of values.callers.split(',').map(Number))
      closed.push(await closedLoop(bench, callers, Number(values.pairs)));
    const capacity = Math.max(...closed.map(({ service }) => service.picturesPerSecond));
    const report = {
      machine: {
        cpu: os.cpus()[0]?.model,
        cores: os.availableParallelism(),
        node: process.version,
        loadBefore: round(os.loadavg()[0]),
      },
      tuning,
      pictureBytes: Math.round(pictures.reduce((sum, text) => sum + (text.length * 3) / 4, 0) / pictures.length),
      closed,
      capacity,
      open: await openAt80(bench, capacity, Number(values.pairs)),
      overload: await overload(bench, capacity),
      jobs: await jobCreation(bench, server.hello.bucket),
    };
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else print(report);
  } finally {
    await load.stop();
    await server.stop();
  }
}

async function closedLoop({ server, load, url, pictures, ms, say }, callers, pairs) {
  const runs = { bare: [], service: [], ratio: [], more: [], slower: [] };
  const bare = () => server.ask({ type: 'bare', callers, ms, pictures });
  const service = async () => {
    const before = await server.ask({ type: 'cpu' });
    const result = await load.ask({ type: 'closed', url, callers, ms, pictures });
    const after = await server.ask({ type: 'cpu' });
    const cpuMs = (after.user + after.system - before.user - before.system) / 1000 / result.answered;
    return { ...result, cpuMs };
  };
  for (let pair = -1; pair < pairs; pair++) {
    const first = pair % 2 === 0 ? await bare() : undefined;
    const answered = await service();
    const memory = first ?? (await bare());
    // One round to warm everything.
    if (pair < 0) continue;
    runs.bare.push(memory);
    runs.service.push(answered);
    runs.ratio.push(answered.picturesPerSecond / memory.picturesPerSecond);
    runs.more.push(answered.cpuMs - memory.cpuMs);
    runs.slower.push(answered.p50 - memory.p50);
    say(
      `${callers} callers: ${round(answered.picturesPerSecond)}/s of ${round(memory.picturesPerSecond)}/s, p50 ${round(answered.p50, 2)} and ${round(memory.p50, 2)} ms`,
    );
  }
  const of = (list, key) => median(list.map((each) => each[key]));
  const figures = (list) => ({
    picturesPerSecond: round(of(list, 'picturesPerSecond')),
    p50: round(of(list, 'p50'), 2),
    p99: round(of(list, 'p99'), 2),
    cpuMsPerPicture: round(of(list, 'cpuMs'), 3),
  });
  return {
    callers,
    pairs,
    classifier: figures(runs.bare),
    service: figures(runs.service),
    ratio: round(median(runs.ratio), 3),
    p50More: round(median(runs.slower), 2),
    moreCpuMsPerPicture: round(median(runs.more), 3),
    // What the load itself takes of the same cores.
    loadCpuMsPerPicture: round(of(runs.service, 'loadCpuMs'), 3),
    refused: runs.service.reduce((sum, { refused }) => sum + refused, 0),
    errors: runs.service.reduce((sum, { errors }) => sum + errors, 0),
  };
}

/**
 * Steady arrivals as from a load generator that keeps a rate, and random ones as from many people, in turns. Of each the run whose ratio is the
 * median, since a moment of another's work on the machine makes the slowest hundredth of a run.
 */
async function openAt80({ load, url, pictures, ms, say }, capacity, runs) {
  const results = { steady: [], random: [] };
  for (let seed = 1; seed <= runs; seed++) {
    for (const [name, done] of Object.entries(results)) {
      const streams = [{ url, method: 'POST', rate: 0.8 * capacity, capacity, pictures, steady: name === 'steady' }];
      const [result] = await load.ask({ type: 'open', ms: 3 * ms, seed, streams });
      const ratioOf = ({ p50, p99 }) => round(p99 / p50, 2);
      const ratios = { p99OverP50: ratioOf(result.latency), idealP99OverP50: ratioOf(result.ideal) };
      say(
        `open loop at 80 %, ${name}: p50 ${round(result.latency.p50, 2)} p99 ${round(result.latency.p99, 2)} ms, ratio ${ratios.p99OverP50}, of an ideal server ${ratios.idealP99OverP50}`,
      );
      done.push({ ...rounded(result), ...ratios });
    }
  }
  const middle = (done) => done.toSorted((a, b) => a.p99OverP50 - b.p99OverP50)[done.length >> 1];
  const all = (done, key) => done.map((result) => result[key]);
  const figures = (done) => ({
    ...middle(done),
    idealP99OverP50: median(all(done, 'idealP99OverP50')),
    ratios: all(done, 'p99OverP50'),
  });
  return { steady: figures(results.steady), random: figures(results.random) };
}

/** Goodput at three times the capacity over goodput at the capacity, the other two thirds of the load on a route that does nothing. */
async function overload({ load, url, address, pictures, ms, say }, capacity) {
  const nothing = { url: `${address}/health/live`, method: 'GET', rate: 2 * capacity, pictures };
  const atCapacity = { url, method: 'POST', rate: capacity, pictures };
  const runs = [];
  for (let pair = 0; pair < 3; pair++) {
    const [normal] = await load.ask({ type: 'open', ms: 2 * ms, seed: pair, streams: [atCapacity, nothing] });
    const [over, beside] = await load.ask({
      type: 'open',
      ms: 2 * ms,
      seed: pair,
      streams: [
        { ...atCapacity, rate: 3 * capacity },
        { ...nothing, rate: capacity / 4 },
      ],
    });
    say(
      `overload: ${round(over.goodPerSecond)}/s of ${round(normal.goodPerSecond)}/s, refusals p50 ${round(over.refusal.p50, 2)} p99 ${round(over.refusal.p99, 2)} ms, nothing p50 ${round(beside.latency.p50, 2)} p99 ${round(beside.latency.p99, 2)} ms`,
    );
    runs.push({ normal, beside, over, ratio: over.goodPerSecond / normal.goodPerSecond });
  }
  const middle = runs.sort((a, b) => a.ratio - b.ratio)[1];
  return {
    ratio: round(middle.ratio, 3),
    atCapacity: rounded(middle.normal),
    atThreeTimes: rounded(middle.over),
    // What the same generator sees of a route that does nothing, at the same time.
    nothing: rounded(middle.beside),
  };
}

async function jobCreation({ load, address, ms, say }, bucket) {
  const url = `${address}/v1/jobs`;
  const make = (source) => load.ask({ type: 'closed', url, callers: 8, ms, json: JSON.stringify({ source }) });
  const keys = Array.from({ length: 100 }, (_, at) => `${at}.jpg`);
  const figures = ({ picturesPerSecond, p50, p99, refused, errors }) => ({
    jobsPerSecond: round(picturesPerSecond),
    p50,
    p99,
    refused,
    errors,
  });
  const ofKeys = figures(await make({ kind: 'keys', bucket, keys }));
  const ofPrefix = figures(await make({ kind: 'prefix', bucket, prefix: '' }));
  say(
    `jobs of 100 keys: ${ofKeys.jobsPerSecond}/s p50 ${ofKeys.p50} ms; of a prefix: ${ofPrefix.jobsPerSecond}/s p50 ${ofPrefix.p50} ms`,
  );
  return { callers: 8, ofKeys, ofPrefix };
}

const rounded = ({ latency, refusal, ideal, offeredPerSecond, goodPerSecond, ...counts }) => ({
  offeredPerSecond: round(offeredPerSecond),
  goodPerSecond: round(goodPerSecond),
  ...counts,
  latency: ofEach(latency),
  refusal: ofEach(refusal),
  ...(ideal && { ideal: ofEach(ideal) }),
});

const ofEach = (quantiles) => Object.fromEntries(Object.entries(quantiles).map(([name, ms]) => [name, round(ms, 2)]));

function print({ machine, closed, open, overload: over, jobs }) {
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`);
  for (const { callers, classifier, service, ratio, p50More, moreCpuMsPerPicture } of closed) {
    console.log(
      `${String(callers).padStart(3)} callers  service ${service.picturesPerSecond}/s  classifier ${classifier.picturesPerSecond}/s  ratio ${ratio}  ` +
        `p50 ${service.p50} (${p50More} more)  p99 ${service.p99} ms  ${moreCpuMsPerPicture} ms more CPU a picture`,
    );
  }
  for (const [name, { latency, p99OverP50, idealP99OverP50 }] of Object.entries(open)) {
    console.log(
      `80 % of capacity, open loop, ${name}: p50 ${latency.p50}  p99 ${latency.p99} ms  ratio ${p99OverP50}  of an ideal server ${idealP99OverP50}`,
    );
  }
  console.log(
    `three times capacity: ${over.atThreeTimes.goodPerSecond}/s of ${over.atCapacity.goodPerSecond}/s  ratio ${over.ratio}  ` +
      `refusals p50 ${over.atThreeTimes.refusal.p50}  p99 ${over.atThreeTimes.refusal.p99} ms  nothing p50 ${over.nothing.latency.p50}  p99 ${over.nothing.latency.p99} ms`,
  );
  console.log(
    `jobs made: ${jobs.ofKeys.jobsPerSecond}/s of 100 keys, p50 ${jobs.ofKeys.p50}  p99 ${jobs.ofKeys.p99} ms`,
  );
}
