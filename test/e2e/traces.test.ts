import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from '../../packages/telemetry/test/otlp/receiver.ts';
import type { ReceivedSpan } from '../../packages/telemetry/test/otlp/spans.ts';
import { folderStore, redisQueue } from '../faults/harness/backends.ts';
import { resultsOf } from '../faults/harness/expectations.ts';
import { Fleet } from '../faults/harness/fleet.ts';
import { aPicture, writePictures } from '../faults/harness/pictures.ts';
import { type TemporaryFolder, temporaryFolder } from '../services/index.ts';
import { orSkip } from '../services/or-skip.ts';
import { findCollector, startCollector } from '../services/otelcol.ts';
import { rookeryFile } from './rookery.ts';

const { redis } = inject('services');
const count = 24;
const ours = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };

describe.skipIf(!redis.available)('traces', () => {
  let folder: TemporaryFolder;
  let pictures: string;
  let receiver: OtlpReceiver;
  let fleet: Fleet;
  beforeEach(async () => {
    folder = temporaryFolder('traces');
    pictures = join(folder.path, 'pictures');
    await writePictures(pictures, count);
    receiver = await startOtlpReceiver();
    fleet = await Fleet.open({
      queue: redisQueue(redis.url),
      pictures: folderStore(pictures),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_LOGS_EXPORTER: 'none', ROOKERY_LOG_LEVEL: 'debug' },
    });
  });
  afterEach(async () => {
    await fleet[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const serve = async (env: Record<string, string> = {}) => {
    const service = fleet.start(['serve', '--port', '0'], { env });
    await expect.poll(() => service.stdout).toMatch(/Rookery answers at \S+ with/);
    return { service, address: /answers at (\S+)/.exec(service.stdout)?.[1] ?? '' };
  };
  const post = (address: string, path: string, body: BodyInit, headers: Record<string, string>) =>
    fetch(`${address}${path}`, {
      method: 'POST',
      body,
      headers: { ...headers, traceparent: `00-${ours.trace}-${ours.span}-01` },
    });
  const aJob = async (address: string): Promise<string> => {
    const source = { kind: 'prefix', bucket: folderStore(pictures).bucket, prefix: '' };
    const answer = await post(address, '/v1/jobs', JSON.stringify({ source }), { 'content-type': 'application/json' });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: string }).id;
  };
  const named = (name: string): ReceivedSpan[] => receiver.spans.filter((span) => span.name === name);
  const below = ({ spanId }: ReceivedSpan): string[] =>
    receiver.spans.filter(({ parentSpanId }) => parentSpanId === spanId).map(({ name }) => name);

  it('one trace leads from the call of the service through the queue to the result, in both processes and their logs', async () => {
    await folderStore(pictures)
      .open()
      .then(async (store) => {
        await store.put('empty.jpg', '');
        await store[Symbol.asyncDispose]();
      });
    const { service, address } = await serve();
    const worker = await fleet.warmWorker();
    const id = await aJob(address);
    await fleet.untilDone(id);
    const classified = await post(address, '/v1/classify', new Blob([new Uint8Array(await aPicture(1))]), {
      'content-type': 'image/jpeg',
    });
    expect(classified.status).toBe(200);
    expect((await fleet.stop()).map(({ code }) => code)).toEqual([0, 0]);

    expect(new Set(receiver.spans.map(({ traceId }) => traceId))).toEqual(new Set([ours.trace]));
    const [call] = named('POST /v1/jobs');
    expect(call).toMatchObject({
      service: 'serve',
      kind: 'server',
      parentSpanId: ours.span,
      failed: false,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/jobs',
        'http.response.status_code': 201,
        'rookery.job': id,
      },
    });
    if (!call) return;
    const [queue] = [`${fleet.options.queue.name}-jobs`];
    expect(new Set(below(call))).toEqual(new Set(['plan job', `send ${queue}`]));
    const tasks = named(`process ${queue}`);
    const sealed = await fleet.ledger.findSealed(id);
    expect(tasks).toHaveLength(sealed?.tasks ?? -1);
    const sends = new Set(named(`send ${queue}`).map(({ spanId }) => spanId));
    for (const task of tasks) {
      expect(sends).toContain(task.parentSpanId);
      expect(task).toMatchObject({
        service: 'worker',
        kind: 'consumer',
        failed: false,
        attributes: {
          'messaging.destination.name': queue,
          'rookery.job': id,
          'rookery.attempt': 1,
          'rookery.outcome': 'done',
        },
      });
      // A task of the empty picture alone has nothing to decode.
      expect(below(task)).toEqual(expect.arrayContaining(['fetch', 'write']));
    }
    expect(tasks.reduce((sum, { attributes }) => sum + Number(attributes['rookery.pictures']), 0)).toBe(count + 1);
    const failed = tasks.find(({ events }) => events.length > 0);
    expect(failed).toMatchObject({
      attributes: { 'rookery.failed_pictures': 1 },
      events: [{ attributes: { 'rookery.key': 'empty.jpg', 'error.type': 'PICTURE_EMPTY' } }],
    });
    const [line] = worker.log.filter(({ msg }) => msg === 'picture without labels');
    expect(line).toMatchObject({ trace_id: ours.trace, job: id, task: failed?.attributes['rookery.task'] });
    expect(service.log).toContainEqual(
      expect.objectContaining({ msg: 'answered', trace_id: ours.trace, route: '/v1/jobs' }),
    );
    const [atOnce] = named('POST /v1/classify');
    expect(atOnce && below(atOnce).sort()).toEqual(['decode', 'infer']);
  });

  it('one trace leads from the event of a picture to its label', async () => {
    const inbox = join(folder.path, 'inbox');
    await mkdir(inbox);
    const allowed = { ROOKERY_SOURCES: inbox };
    const ingest = fleet.start(['ingest', '--events', inbox], { env: allowed });
    await ingest.says('waiting for events');
    await fleet.warmWorker({ env: allowed });
    await writePictures(inbox, 3);
    const queue = `${fleet.options.queue.name}-events`;
    await expect
      .poll(() =>
        named(`process ${queue}`).reduce((sum, { attributes }) => sum + Number(attributes['rookery.pictures']), 0),
      )
      .toBe(3);
    await fleet.stop();
    for (const task of named(`process ${queue}`)) {
      const [sent] = receiver.spans.filter(({ spanId }) => spanId === task.parentSpanId);
      expect(sent).toMatchObject({ service: 'ingest', kind: 'producer', name: `send ${queue}`, parentSpanId: '' });
      expect(task).toMatchObject({
        service: 'worker',
        traceId: sent?.traceId,
        attributes: { 'rookery.lane': 'events' },
      });
      expect(below(task).sort()).toEqual(['decode', 'fetch', 'infer', 'write']);
    }
  });

  it('one trace leads from reconciling to the labels that were missing', async () => {
    await fleet.warmWorker();
    expect(await fleet.run(['reconcile', pictures])).toContain(`${count} enqueued`);
    const queue = `${fleet.options.queue.name}-events`;
    await expect.poll(() => named(`process ${queue}`).length).toBeGreaterThan(0);
    const [root] = named('reconcile');
    expect(root).toMatchObject({
      service: 'reconcile',
      parentSpanId: '',
      failed: false,
      attributes: { 'rookery.pictures': count, 'rookery.enqueued': count },
    });
    const [sent] = named(`send ${queue}`);
    expect(sent).toMatchObject({ kind: 'producer', parentSpanId: root?.spanId, traceId: root?.traceId });
    for (const task of named(`process ${queue}`)) expect(task.parentSpanId).toBe(sent?.spanId);
  });

  it('a job of the command line is one trace too; of none that is kept nothing is sent, and the results are the same', async () => {
    const unkept = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
    const worker = await fleet.warmWorker();
    await fleet.enqueue('unkept', ['--task-size', '8'], { env: unkept });
    await fleet.untilDone('unkept');
    await fleet.enqueue('kept', ['--task-size', '8']);
    await fleet.untilDone('kept');
    worker.signal('SIGTERM');
    expect((await worker.ended).code).toBe(0);
    expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(named('enqueue job')).toHaveLength(1);
    expect(named(`process ${fleet.options.queue.name}-jobs`)).toHaveLength(3);
    expect((await resultsOf(fleet, 'kept')).text).toBe((await resultsOf(fleet, 'unkept')).text);
  });

  it('a collector that takes spans and never answers keeps nobody from working or ending', async () => {
    receiver.status = 'never';
    const worker = await fleet.warmWorker({ env: { OTEL_BSP_MAX_QUEUE_SIZE: '8' } });
    await fleet.enqueue('job', ['--task-size', '1']);
    await fleet.untilDone('job');
    worker.signal('SIGTERM');
    expect((await worker.ended).code).toBe(0);
    expect(receiver.requests.length).toBeGreaterThan(0);
    expect(worker.log).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: 'the trace collector does not take spans' }),
    );
    // Of each task: itself, fetch, decode, infer, write.
    expect(worker.log).toContainEqual(
      expect.objectContaining({ dropped: 5 * count, msg: 'spans did not reach their collector' }),
    );
  });

  /** The files of the bundle that a worker has loaded by its end which hold OpenTelemetry's code. */
  const loaded = async (env: Record<string, string>): Promise<string[]> => {
    const coverage = join(folder.path, `loaded-${Object.keys(env).length}`);
    const worker = await fleet.warmWorker({ env: { ...env, NODE_V8_COVERAGE: coverage } });
    worker.signal('SIGTERM');
    expect((await worker.ended).code).toBe(0);
    const reports = await Promise.all((await readdir(coverage)).map((name) => readFile(join(coverage, name), 'utf8')));
    const scripts = reports.flatMap((text): { url: string }[] => JSON.parse(text).result);
    const files = scripts.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []));
    expect(files).toContain(rookeryFile);
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    return files.filter((_, at) => texts[at]?.includes('BatchSpanProcessor'));
  };

  it('nothing of OpenTelemetry is loaded where there is no collector, and the bundle has it where there is one', async () => {
    expect(await loaded({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toEqual([]);
    expect(await loaded({})).not.toEqual([]);
  });

  it('a real collector reads traces and logs, and both name the trace', async ({ skip }) => {
    await using collector = await startCollector(await orSkip(findCollector, skip));
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_LOGS_EXPORTER: 'otlp' };
    const broken = join(folder.path, 'broken');
    await mkdir(broken);
    await writeFile(join(broken, 'empty.jpg'), '');
    const worker = await fleet.warmWorker({ env: { ...env, ROOKERY_SOURCES: broken } });
    await fleet.run(['enqueue', broken, '--job', 'broken'], { env });
    await fleet.untilDone('broken');
    worker.signal('SIGTERM');
    expect((await worker.ended).code).toBe(0);
    const said = collector.program.output();
    const line = await worker.says('picture without labels');
    // Of a span, and of a line of the log.
    expect(said).toMatch(new RegExp(`Trace ID +: ${line.trace_id}`));
    expect(said).toMatch(new RegExp(`^Trace ID: ${line.trace_id}`, 'm'));
    expect(said).toMatch(/error\.type: Str\(PICTURE_EMPTY\)/);
    expect(said).toMatch(/Body: Str\(picture without labels\)/);
    expect(receiver.spans).toEqual([]);
  });
});
