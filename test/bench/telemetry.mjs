// What watching a worker costs: `pnpm bench telemetry [--json] [--pairs 15] [--count 800]`.
//
// Three workers in one process label the same pictures in turns: one that is not watched; one with everything on (tracker, log to Loki, drift
// windows) against servers that answer; one with everything on against servers that take requests and never answer. Ratios of pictures/s,
// medians of the rounds, CPU of this process beside. Then each by itself: the spool of a tracked run, what watching the model costs a picture, a
// version of 100 MB pulled from a registry.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLogger, createMetrics, wandbTracker } from '../../packages/telemetry/dist/index.js';
import { median, round } from './fleet/figures.mjs';
import { openFleet } from './fleet/open-fleet.mjs';
import { smallPictures } from './fleet/pictures.mjs';
import { monitorCost } from './monitor.mjs';
import { registryPull } from './telemetry/registry-pull.mjs';
import { spoolThroughput } from './telemetry/spool.mjs';

const rules = {
  slice: 500,
  least: 200,
  alpha: 0.001,
  raise: 0.2,
  clear: 0.1,
  raiseAfter: 2,
  clearAfter: 3,
  lowConfidence: 0.5,
};

/** Stands in for W&B and Loki: answers with what their clients need, or never. */
async function startServer(answers) {
  const server = createServer((request, response) => {
    request.resume();
    if (!answers) return;
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(request.url === '/graphql' ? '{"data":{"viewer":{"entity":"bench"}}}' : '{}');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A worker with everything on. */
function watched(url, folder, name) {
  const log = createLogger({
    level: 'info',
    service: 'worker',
    destination: 'none',
    remotes: [{ protocol: 'loki', url: `${url}/loki/api/v1/push` }],
  });
  return {
    log,
    options: {
      log,
      metrics: createMetrics({ service: 'worker' }),
      monitor: rules,
      lifeSigns: true,
      track: {
        tracker: wandbTracker({ baseUrl: url, apiKey: 'bench', project: 'bench', spoolFolder: join(folder, name) }),
        run: { id: name, name, config: {} },
        intervalMs: 1_000,
        samples: 10,
        usdPerHour: 0.05,
      },
    },
  };
}

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      pairs: { type: 'string', default: '15' },
      count: { type: 'string', default: '800' },
    },
  });
  const [pairs, count] = [Number(values.pairs), Number(values.count)];
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  const [healthy, silent] = [await startServer(true), await startServer(false)];
  const sizes = [{ pictures: await smallPictures(), count }];
  const on = { healthy: watched(healthy.url, folder, 'healthy'), silent: watched(silent.url, folder, 'silent') };
  // All as the first found the machine: what is compared is the watching.
  const off = await openFleet('memory', sizes);
  const { tuning } = off.classifier;
  const fleets = {
    off,
    healthy: await openFleet('memory', sizes, on.healthy.options, tuning),
    silent: await openFleet('memory', sizes, on.silent.options, tuning),
  };
  const names = Object.keys(fleets);
  const rounds = [];
  for (let at = -1; at < pairs; at++) {
    const figures = {};
    // Another one begins each time.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + at + names.length) % names.length];
      figures[name] = await fleets[name].run(0);
    }
    if (at < 0) continue;
    rounds.push(figures);
    console.error(names.map((name) => `${name} ${round(figures[name].picturesPerSecond)}/s`).join('  '));
  }
  for (const fleet of Object.values(fleets)) await fleet.close();
  for (const { log } of Object.values(on)) await log.close();
  const spool = await spoolThroughput(healthy.url);
  for (const server of [healthy, silent]) server.close();
  await rm(folder, { recursive: true, force: true });
  const of = (figure) => round(median(rounds.map(figure)), 3);
  const report = {
    machine: { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), node: process.version },
    tuning,
    rounds: pairs,
    pictures: count,
    picturesPerSecond: Object.fromEntries(names.map((name) => [name, of((each) => each[name].picturesPerSecond)])),
    cpuMsPerPicture: Object.fromEntries(names.map((name) => [name, of((each) => each[name].cpuMs)])),
    onOverOff: of(({ healthy: a, off: b }) => a.picturesPerSecond / b.picturesPerSecond),
    silentOverHealthy: of(({ silent: a, healthy: b }) => a.picturesPerSecond / b.picturesPerSecond),
  };
  const { lineUs, tellUs, look, mostUs } = monitorCost();
  const small = lineUs + tellUs + Math.max(...look.filter(({ size }) => size === 224).map(({ us }) => us));
  Object.assign(report, {
    spool,
    monitorUsPerPicture: { at224: round(small, 2), most: round(mostUs, 2) },
    registryPull: await registryPull(),
  });
  if (values.json) return console.log(JSON.stringify(report, null, 2));
  console.log(
    `everything on over everything off: ${report.onOverOff}; silent servers over healthy ones: ${report.silentOverHealthy}`,
  );
  const { rowBytes, takenPerSecond, sentPerSecond } = spool;
  console.log(`spool: ${takenPerSecond} rows/s of ${rowBytes} bytes taken, ${sentPerSecond} rows/s sent`);
  const { at224, most } = report.monitorUsPerPicture;
  console.log(`watching the model: ${at224} us a picture of 224 x 224, at most ${most} us`);
  const { megabytes, pullSeconds, copySeconds, pullOverCopy } = report.registryPull;
  console.log(
    `${megabytes} MB pulled in ${pullSeconds.toFixed(2)} s, copied in ${copySeconds.toFixed(2)} s: ${pullOverCopy.toFixed(2)}`,
  );
  console.log(`CPU a picture: ${names.map((name) => `${name} ${report.cpuMsPerPicture[name]} ms`).join(', ')}`);
}
