// The simulator beside a real fleet: `node test/bench/bench.mjs scaling [--json] [--pairs 5]`.
//
// `rookery fleet` starts and stops worker processes on Redis and a folder, from none to two and back, while pictures of 16 kB come in two
// waves; the same policy and arrivals are simulated twice: with the speed and the start-up times of the run itself, and with those that two
// warm workers showed right before and after it, which a machine with other work may not keep. Simulated / real, medians of the runs, for
// the completion and for what workers were paid.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { ScalingConfig, simulate } from '../../packages/autoscale/dist/index.js';
import { median, round } from './fleet/figures.mjs';
import { openScene } from './scaling/scene.mjs';

const picturesPerTask = 8;
const waves = [
  { atMs: 0, pictures: 8 * picturesPerTask },
  { atMs: 6_000, pictures: 150 * picturesPerTask },
];
/** As many as the large wave: a process grows faster while it is young. */
const measuredBy = 150 * picturesPerTask;
const scaling = ScalingConfig.parse({
  maxWorkers: 2,
  backlogPerWorker: 8,
  periodMs: 500,
  scaleOutCooldownMs: 500,
  scaleInCooldownMs: 5_000,
});
const always = { ...scaling, minWorkers: scaling.maxWorkers };

export async function run(args) {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean', default: false }, pairs: { type: 'string', default: '5' } },
  });
  const runs = [];
  const scene = await openScene(picturesPerTask);
  try {
    let before = await speedOf(scene);
    for (let pair = 0; pair < Number(values.pairs); pair++) {
      const real = await scene.run(scaling, waves);
      const after = await speedOf(scene);
      const beside = {
        picturesPerSecond: (before.picturesPerSecond + after.picturesPerSecond) / 2,
        startupMs: (before.startupMs + after.startupMs) / 2,
      };
      const simulated = { sameRun: simulatedWith(real), beside: simulatedWith(beside) };
      runs.push({ before, after, real, simulated });
      console.error(
        `completion ${seconds(real.completionMs)}, simulated ${seconds(simulated.sameRun.completionMs)} and ${seconds(simulated.beside.completionMs)}; ` +
          `paid ${seconds(real.workerMs)}, simulated ${seconds(simulated.sameRun.workerMs)} and ${seconds(simulated.beside.workerMs)}; ` +
          `${round(real.picturesPerSecond)} pictures/s a worker, beside it ${round(beside.picturesPerSecond)}`,
      );
      before = after;
    }
  } finally {
    await scene.close();
  }
  const ratios = (speed) => {
    const of = (figure) => runs.map(({ real, simulated }) => simulated[speed][figure] / real[figure]);
    return { completion: round(median(of('completionMs')), 3), paid: round(median(of('workerMs')), 3) };
  };
  const report = {
    machine: { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), node: process.version },
    scaling,
    waves,
    sameRun: ratios('sameRun'),
    beside: ratios('beside'),
    runs,
  };
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else
    for (const [name, { completion, paid }] of Object.entries({ sameRun: report.sameRun, beside: report.beside }))
      console.log(`${name}: simulated / real, medians of ${runs.length}: completion ${completion}, paid ${paid}`);
}

/** Of one of two workers that are warm and have nothing else to do. */
async function speedOf(scene) {
  const { picturesPerSecond, startupMs } = await scene.run(always, [{ atMs: 0, pictures: measuredBy }], { warm: true });
  return { picturesPerSecond, startupMs };
}

function simulatedWith({ picturesPerSecond, startupMs }) {
  const speed = { picturesPerSecond, picturesPerTask, startupMs, metricDelayMs: 0 };
  const { completionMs, workerMs, mostWorkers, starts } = simulate({ config: scaling, arrivals: waves, ...speed });
  return { completionMs, workerMs, mostWorkers, starts };
}

const seconds = (ms) => `${round(ms / 1_000)} s`;
