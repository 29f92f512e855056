import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerBeat } from '@rookery/contracts';
import { JobLedger, SummaryKeeper } from '@rookery/jobs';
import { createMetrics, noTracer, rolloutCounts, silentLogger } from '@rookery/telemetry';
import { Isolation } from './isolation/isolation.ts';
import { ScaleInProtection } from './lease/scale-in-protection.ts';
import { defaultLimits } from './limits.ts';
import { localEngine } from './model/engine.ts';
import { ModelPool } from './model/model-pool.ts';
import { PinnedModels } from './model/pinned-models.ts';
import { bucketOpener } from './picture/bucket-opener.ts';
import { Fetcher } from './picture/fetcher.ts';
import { PicturePipeline } from './picture/picture-pipeline.ts';
import { Tagger } from './picture/tagger.ts';
import { together } from './picture/together.ts';
import { type HealthServer, startHealthServer } from './report/health-server.ts';
import { LifeSigns } from './report/life-signs.ts';
import { RunRecorder } from './report/run-recorder.ts';
import { ScalingFigures } from './report/scaling-figures.ts';
import { watchDrift } from './report/watch-drift.ts';
import { workerMetrics } from './report/worker-metrics.ts';
import { workerPage } from './report/worker-page.ts';
import { EventRollout } from './rollout/event-rollout.ts';
import { RunningWorker } from './running-worker.ts';
import { StoreGuard } from './store-guard.ts';
import { EventWorks } from './task/event-work.ts';
import { JobWorks } from './task/job-work.ts';
import { TaskHandler } from './task/task-handler.ts';
import { TaskLabeller } from './task/task-labeller.ts';
import type { Worker, WorkerOptions } from './worker-options.ts';

/** How long a stopping worker may look whether its jobs are complete; another one or a watcher finds out too. */
const lastLookMs = 5_000;

/**
 * Starts a worker: it leases tasks from both queues until it is stopped.
 *
 * @throws {RookeryError} CONFIG_INVALID where the health server's port is taken. What goes wrong later is in `whenReady` and `done`.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const {
    queues,
    store,
    registry,
    log = silentLogger,
    tracer = noTracer,
    metrics = createMetrics({ service: 'worker', process: false }),
  } = options;
  const limits = { ...defaultLimits, ...defined(options.limits ?? {}) };
  const monitor = options.monitor && watchDrift({ store, rules: options.monitor, metrics, log });
  const drift = (): WorkerBeat['drift'] => monitor?.state ?? null;
  const signs: LifeSigns = new LifeSigns({
    store,
    state: () => stateOf(worker),
    models: () => pool.loaded().map(({ name }) => name),
    drift,
    cannot: () => models.refusals(),
    log,
  });
  const onLost = (rows: number): void => tell.trackingLost(rows);
  const recorder = options.track && new RunRecorder({ ...options.track, queues, log, onLost });
  const figures = options.embed && new ScalingFigures(options.embed);
  const gauges = {
    leases: () => worker.inFlight,
    pictures: () => worker.leasedPictures,
    heldBytes: () => fetcher.heldBytes,
    models: () => pool.loaded(),
  };
  const tell = together(workerMetrics(metrics, gauges), signs.events, recorder?.events ?? {}, figures?.events ?? {});
  const guard = new StoreGuard({ location: store.location, log, onDown: tell.storeDown, awaitsBucket: true });
  const writes = new StoreGuard({ location: store.location, log, onDown: tell.storeDown, awaitsBucket: true });
  const ledger = new JobLedger(store);
  const summaries = new SummaryKeeper({
    ledger,
    onSummary: ({ job, pictures, failed }) => log.info({ job, pictures, failed }, 'job complete'),
    onError: (err, job) => log.warn({ err, job }, 'could not look whether the job is complete'),
  });
  const fetcher = new Fetcher({ ...limits, onFetched: tell.fetched });
  const isolation = new Isolation({
    childEntry: options.isolation?.childEntry ?? new URL('../dist/isolation-child.js', import.meta.url),
    classifier: options.isolation?.classifier ?? {},
    fetcher,
    pictureMs: limits.isolatedPictureMs,
    sampler: recorder?.sampler,
    log,
    onDeath: tell.isolationDeath,
  });
  const engine = options.engine ?? localEngine({ log });
  const models = new PinnedModels({ source: registry, engine, log });
  const pool = new ModelPool({ models, engine, places: limits.models, log });
  const counts = rolloutCounts(metrics);
  const rollout = options.rollout && new EventRollout({ ...options.rollout, models, pool, counts, log });
  rollout?.start();
  const labeller = new TaskLabeller({
    models,
    pool,
    pipeline: new PicturePipeline({
      fetcher,
      pictures: limits.pictures,
      onClassified: tell.classified,
      sampler: recorder?.sampler,
    }),
    rollout,
    isolation,
    onLines: (lines, task) => {
      recorder?.lines(lines);
      options.onLines?.(lines, task);
    },
    monitor,
    dead: { events: queues.events.dead, jobs: queues.jobs.dead },
    tagger: new Tagger(log),
    tell,
  });
  const handler = new TaskHandler({
    jobs: new JobWorks({ ledger, guard, writes, onResult: (job, seq) => summaries.wrote(job, seq) }),
    events: new EventWorks({
      store,
      guard,
      writes,
      dead: queues.events.dead,
      tag: options.tagEvents === true,
      onRemoved: options.onRemoved ?? 'delete',
    }),
    bucket: bucketOpener(options, () => guard.down || writes.down, limits.bucketDownMs),
    labeller,
    isolateFromAttempt: limits.isolateFromAttempt,
    suspects: options.suspects,
    queues: { events: queues.events.name, jobs: queues.jobs.name },
    tracer,
    log,
    tell,
  });
  const protection =
    options.ecsAgentUri === undefined ? undefined : new ScaleInProtection({ agentUri: options.ecsAgentUri, log });
  let health: HealthServer | undefined;
  const worker: RunningWorker = new RunningWorker({
    queues,
    handler,
    guards: [guard, writes],
    leaseAhead: limits.leaseAhead,
    log,
    tell,
    warm: async (signal) => {
      for (const reference of options.warm ?? []) await pool.warm(reference, signal);
    },
    onBusy: (busy) => protection?.busy(busy),
    healthUrl: () => health?.url,
    look: () => rollout?.look(),
    sign: () => signs.sign(),
    close: async () => {
      await Promise.race([summaries.flush(), sleep(lastLookMs, undefined, { ref: false })]);
      await Promise.allSettled([
        isolation[Symbol.asyncDispose](),
        rollout?.[Symbol.asyncDispose](),
        pool[Symbol.asyncDispose](),
        summaries[Symbol.asyncDispose](),
        monitor?.[Symbol.asyncDispose](),
        protection?.[Symbol.asyncDispose](),
        signs[Symbol.asyncDispose](),
        recorder?.[Symbol.asyncDispose](),
        figures?.[Symbol.asyncDispose](),
        health?.[Symbol.asyncDispose](),
      ]);
    },
  });
  if (options.lifeSigns) signs.start();
  let broken = false;
  worker.done.catch(() => {
    broken = true;
    recorder?.broke();
  });
  if (options.health) {
    health = await startHealthServer({
      ...options.health,
      live: () => !broken,
      ready: () => worker.ready,
      page: () =>
        workerPage({
          state: stateOf(worker),
          models: pool.loaded(),
          drift: drift(),
          rollouts: rollout?.standings ?? [],
          tasks: worker.inFlight,
        }),
      metrics: () => metrics.render(),
    }).catch(async (cause: unknown) => {
      await worker.stop({ graceMs: 0 });
      throw cause;
    });
  }
  return worker;
}

const stateOf = ({ stopping, ready }: RunningWorker): WorkerBeat['state'] =>
  stopping ? 'draining' : ready ? 'ready' : 'starting';

/** Without the members that are `undefined`, which would hide a default. */
const defined = <T extends object>(given: T): Partial<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
