// What an explanation costs: `node test/bench/bench.mjs explain [--json] [--rounds 40]`.
//
// A batch of eight through the classifier, without maps and with those of the best one, two and three labels of each picture, in turns: from
// the engine's beginning to the last answer. Medians of the ratios, round by round.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureExplained } from './explain/measure.mjs';
import { explainedModels } from './explain/subjects.mjs';

const options = { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '40' } };

export async function run(args) {
  const { values } = parseArgs({ args, options });
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  try {
    const models = await explainedModels(folder);
    const report = {
      machine: { cpu: os.cpus()[0]?.model.trim(), cores: os.availableParallelism(), node: process.version },
      loadBefore: os.loadavg()[0],
      models: {},
    };
    for (const [name, model] of Object.entries(models)) {
      if (!values.json) process.stderr.write(`${name}\n`);
      report.models[name] = await measureExplained(model, Number(values.rounds));
    }
    report.loadAfter = os.loadavg()[0];
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else print(report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print({ machine, models, loadBefore, loadAfter }) {
  console.log(
    `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, load ${loadBefore.toFixed(1)} to ${loadAfter.toFixed(1)}`,
  );
  console.log('a batch of eight: without maps, with them, ratio (to reach: 1.2)');
  for (const [name, tops] of Object.entries(models))
    for (const { top, plainMs, explainedMs, ratio, plainCpuMs, explainedCpuMs, cpuRatio, pairs } of tops)
      console.log(
        `  ${name.padEnd(14)} best ${top}  ${plainMs} ms ${explainedMs} ms  ${ratio}, processor time ${plainCpuMs} ms ${explainedCpuMs} ms  ${cpuRatio} (${pairs} pairs)`,
      );
}
