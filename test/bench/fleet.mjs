// The fleet against the classifier that it stands on: `node test/bench/bench.mjs fleet [--json] [--pairs 5] [--only memory,redis,sqs]`.
//
// Pictures go from a bucket through a queue and a worker to results, beside the same warm classifier fed from memory, in turns, in one
// process: ratio = fleet / classifier, medians of the pairs. Two sizes of pictures: 16 kB, and the mix of five photographs. Beside it the
// classifier itself against the bare limit: decoding plus inference, each alone on all cores.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { measureBookkeeping } from './fleet/bookkeeping.mjs';
import { classifyFromMemory } from './fleet/classify-from-memory.mjs';
import { median, round } from './fleet/figures.mjs';
import { measureLimits } from './fleet/limits.mjs';
import { measureMemory } from './fleet/memory.mjs';
import { openFleet } from './fleet/open-fleet.mjs';
import { mixedPictures, smallPictures } from './fleet/pictures.mjs';

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      pairs: { type: 'string', default: '5' },
      only: { type: 'string', default: 'memory,redis,sqs' },
      scale: { type: 'string', default: '1' },
      memory: { type: 'boolean', default: false },
    },
  });
  const say = (text) => console.error(text);
  if (values.memory) {
    console.log(JSON.stringify(await measureMemory(say), null, 2));
    return;
  }
  const scale = Number(values.scale);
  const sizes = [
    { name: '16 kB', pictures: await smallPictures(), count: Math.round(800 * scale) },
    { name: 'five birds', pictures: await mixedPictures(), count: Math.round(200 * scale) },
  ];
  const limits = await measureLimits(sizes, say);
  const backends = [];
  for (const kind of values.only.split(',')) {
    backends.push(await measureBackend(kind, sizes, Number(values.pairs), say));
  }
  const [first] = backends.filter(({ sizes }) => sizes !== undefined);
  const [headline] = first?.sizes ?? [];
  const report = {
    machine: { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), node: process.version },
    classifier: { picturesPerSecond: headline?.classifier.picturesPerSecond },
    fleet: { picturesPerSecond: headline?.fleet.picturesPerSecond },
    ratio: headline?.ratio,
    limits,
    backends,
    bookkeeping: await measureBookkeeping(say),
  };
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else print(report);
}

async function measureBackend(kind, sizes, pairs, say) {
  let fleet;
  try {
    fleet = await openFleet(kind, sizes);
  } catch (error) {
    say(`${kind}: not measured: ${error.message}`);
    return { kind, notMeasured: error.message };
  }
  try {
    const measured = [];
    for (const [index, { name, count, pictures }] of sizes.entries()) {
      const runs = { classifier: [], fleet: [], ratio: [], classifierCpu: [], fleetCpu: [] };
      // One round to warm everything.
      for (let pair = -1; pair < pairs; pair++) {
        const order = pair % 2 === 0 ? ['classifier', 'fleet'] : ['fleet', 'classifier'];
        const figures = {};
        for (const which of order) {
          figures[which] =
            which === 'classifier'
              ? await classifyFromMemory(fleet.classifier, pictures, count)
              : await fleet.run(index);
        }
        if (pair < 0) continue;
        runs.classifier.push(figures.classifier.picturesPerSecond);
        runs.fleet.push(figures.fleet.picturesPerSecond);
        runs.ratio.push(figures.fleet.picturesPerSecond / figures.classifier.picturesPerSecond);
        runs.classifierCpu.push(figures.classifier.cpuMs);
        runs.fleetCpu.push(figures.fleet.cpuMs);
        say(
          `${kind} ${name}: ${round(figures.fleet.picturesPerSecond)}/s of ${round(figures.classifier.picturesPerSecond)}/s`,
        );
      }
      measured.push({
        pictures: name,
        count,
        pairs,
        classifier: {
          picturesPerSecond: round(median(runs.classifier)),
          cpuMsPerPicture: round(median(runs.classifierCpu), 3),
        },
        fleet: { picturesPerSecond: round(median(runs.fleet)), cpuMsPerPicture: round(median(runs.fleetCpu), 3) },
        ratio: round(median(runs.ratio), 3),
      });
    }
    return { kind, servers: fleet.servers, sizes: measured };
  } finally {
    await fleet.close();
  }
}

function print({ machine, limits, backends, bookkeeping }) {
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`);
  for (const { pictures, picturesPerSecond, limit, ratio } of limits) {
    console.log(
      `limit   ${pictures.padEnd(12)}classifier ${picturesPerSecond}/s  bare limit ${limit}/s  ratio ${ratio}`,
    );
  }
  for (const { kind, sizes = [], notMeasured } of backends) {
    if (notMeasured) console.log(`${kind}: not measured (${notMeasured})`);
    for (const { pictures, classifier, fleet, ratio } of sizes) {
      console.log(
        `${kind.padEnd(8)}${pictures.padEnd(12)}fleet ${fleet.picturesPerSecond}/s  classifier ${classifier.picturesPerSecond}/s  ` +
          `ratio ${ratio}  CPU ${fleet.cpuMsPerPicture} ms of ${classifier.cpuMsPerPicture} ms a picture`,
      );
    }
  }
  for (const { queue, cpuMsPerPicture } of bookkeeping) {
    console.log(`leasing and bookkeeping alone, ${queue}: ${cpuMsPerPicture} ms of CPU a picture`);
  }
}
