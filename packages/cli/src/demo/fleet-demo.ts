import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { jobLayout, type ResultLine } from '@rookery/contracts';
import { JobWatch, streamLines, streamResults } from '@rookery/jobs';
import { enqueueJob } from '@rookery/producer';
import { createMetrics, noTracer, silentLogger } from '@rookery/telemetry';
import type { CommandContext } from '../context.ts';
import { bucketOf, markersIn, startEmbeddedFleet } from '../fleet/embedded-fleet.ts';
import { openServing } from '../fleet/serving.ts';
import { colours } from '../ui/colours.ts';
import { printable } from '../ui/printable.ts';
import { Progress } from '../ui/progress.ts';
import { renderTable } from '../ui/table.ts';

/**
 * Labels a folder of pictures as a job through the whole fleet, in one process: planned into tasks, fed to the queue, labelled by a worker,
 * written as results, shown from the store alone. The lines also go into the file `results`; Rookery's own objects lie beside it.
 */
export async function labelThroughFleet(pictures: string, results: string, context: CommandContext): Promise<void> {
  const { signal } = context;
  const config = await context.config({ models: { model: 'content' } });
  const log = context.verbose ? await context.logger({ service: 'demo' }) : silentLogger;
  const root = resolve(context.cwd, dirname(results));
  const folder = resolve(context.cwd, pictures);
  const notice = (): void => {};
  await using serving = await openServing({ config, labels: undefined, cwd: context.cwd, signal, notice, log });
  const fleet = await startEmbeddedFleet({
    location: root,
    markers: markersIn(root),
    pictures: folder,
    serving,
    config,
    metrics: createMetrics({ service: 'demo', process: false }),
    tracer: noTracer,
    log,
  });
  const { ledger, buckets, feeder } = fleet;
  try {
    const bucket = bucketOf(folder);
    const pin = await fleet.pinOf();
    const source = { kind: 'prefix', bucket, prefix: '', filter: {} } as const;
    const open = (name: string) => buckets.open(name);
    const { job } = await enqueueJob({ source, pin, top: 2, note: 'demo' }, { ledger, open, feeder, signal });
    const watch = await JobWatch.open(ledger, job.id, { countFailed: true });
    const progress = new Progress(context.stderr, {
      quiet: context.quiet,
      colour: context.colour.stderr,
      what: 'pictures',
    });
    for (;;) {
      const { state, pictures: count, failed } = await Promise.race([watch.look(signal), brokenOff(fleet.worker.done)]);
      progress.update({ done: count.done, total: count.planned, failed: failed ?? 0 });
      if (state === 'complete' || state === 'cancelled') break;
      await new Promise((resume) => setTimeout(resume, 50));
      signal.throwIfAborted();
    }
    progress.clear();
    await writeFile(resolve(context.cwd, results), streamResults(ledger, job.id, { signal }));
    await printLabels(streamLines(ledger, job.id, { signal }), context);
    const lies = join(dirname(results), jobLayout(job.id).root);
    await context.stdout.write(
      `\nJob ${job.id} went through the queue and a worker; what was asked and what came out lies in ${lies}\n`,
    );
  } finally {
    await fleet.stop(0);
  }
}

/** Never resolves: a worker that ends while its job is watched has broken. */
const brokenOff = (done: Promise<void>): Promise<never> =>
  done.then(() => {
    throw new Error('the worker ended');
  });

async function printLabels(pieces: AsyncIterable<ResultLine[]>, context: CommandContext): Promise<void> {
  const paint = colours(context.colour.stdout);
  const rows: string[][] = [];
  for await (const lines of pieces) {
    for (const { key, predictions, error } of lines) {
      const [first, second] = predictions;
      if (!first) rows.push([printable(key), paint.red(error?.code ?? ''), '', '', '']);
      else
        rows.push(
          [key, first.label, first.score.toFixed(3), second?.label ?? '', second?.score.toFixed(3) ?? ''].map(
            printable,
          ),
        );
    }
  }
  const columns = ['picture', 'label', 'score', 'then', 'score'].map((title) =>
    title === 'score' ? ({ title, align: 'right' } as const) : { title },
  );
  await context.stdout.write(renderTable(columns, rows));
}
