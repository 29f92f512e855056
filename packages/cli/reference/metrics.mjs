import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeService } from '@rookery/api';
import { openRegistry } from '@rookery/models';
import { defaultDriftRules } from '@rookery/monitor';
import { ingestMetrics, queueMetrics } from '@rookery/producer';
import { openQueue } from '@rookery/queue';
import { createBuckets, openStore } from '@rookery/storage';
import { createMetrics, openTracer, silentLogger } from '@rookery/telemetry';
import { startWorker } from '@rookery/worker';
import { processMetrics } from '../dist/fleet/process-metrics.js';
import { countDropped } from '../dist/logs/count-dropped.js';

const fresh = () => createMetrics({ service: 'reference', process: false });

/** What a real worker registers. */
async function ofWorker() {
  const metrics = fresh();
  const folder = await mkdtemp(join(tmpdir(), 'rookery-reference-'));
  const store = await openStore(folder);
  const buckets = createBuckets({ allow: [] });
  const open = (lane) => openQueue({ kind: 'memory', name: `reference-${lane}`, leaseMs: 60_000 });
  const queues = { events: await open('events'), jobs: await open('jobs') };
  try {
    const registry = openRegistry({ folder: join(folder, 'models') });
    const worker = await startWorker({ queues, store, buckets, registry, monitor: defaultDriftRules, metrics });
    await worker.stop({ graceMs: 0 });
  } finally {
    for (const each of [queues.events, queues.jobs, buckets, store]) await each[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
  return metrics.describe();
}

async function ofService() {
  const metrics = fresh();
  await describeService('0', metrics);
  return metrics.describe();
}

function ofIngest() {
  const metrics = fresh();
  ingestMetrics(metrics, () => ({ messages: 0, pictures: 0, tasks: 0, removed: 0, ignored: 0, refused: 0 }));
  queueMetrics(metrics, () => []);
  return metrics.describe();
}

async function ofAll() {
  const metrics = fresh();
  countDropped(metrics);
  const options = { url: 'http://127.0.0.1:1', service: 'reference', version: '0', metrics, log: silentLogger };
  const tracer = await openTracer(options);
  await tracer[Symbol.asyncDispose]();
  return [
    ...processMetrics('reference')
      .describe()
      .filter(({ name }) => name.startsWith('rookery_')),
    ...metrics.describe(),
  ];
}

/** By the end of the name, as Prometheus has it. */
function unitOf(name) {
  const [, unit] = /_(seconds|bytes|pictures|tasks|rows|lines|spans|messages)(?:_total)?$/.exec(name) ?? [];
  return unit ?? '';
}

const table = (metrics) =>
  `| metric | type | unit | labels | |\n| --- | --- | --- | --- | --- |\n${metrics
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labels, help }) => {
      const shown = labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${unitOf(name)} | ${shown} | ${help} |`;
    })
    .join('\n')}`;

/** Every metric of Rookery's own, from the code that registers it. */
export async function metricsPage() {
  return `# Metrics

For Prometheus, at \`/metrics\`: of \`rookery serve\` (with a key of scope \`admin\`), and without a key on the port of \`ROOKERY_HEALTH_PORT\` of \`rookery worker\`, \`serve\` and \`ingest\`. Every series has the label \`service\`. Labels have few values: beyond 100 sets of them (500 for requests) the next ones share \`other\`. [How to watch a fleet](../how-to/observe.md).

## Of workers

${table(await ofWorker())}

## Of the service

${table(await ofService())}

## Of ingest

${table(ofIngest())}

## Of each process that stays

Besides those of \`prom-client\` for the process, its event loop and its memory (\`process_*\`, \`nodejs_*\`). \`rookery_trace_spans_total\` is there where traces are on.

${table(await ofAll())}
`;
}
