import { expect, it } from 'vitest';
import { createMetrics, noTracer, openTracer, StageTimes, silentLogger, type TraceOptions } from '../src/index.ts';
import { type OtlpReceiver, startOtlpReceiver } from './otlp/receiver.ts';

const metrics = () => createMetrics({ service: 'test', process: false });
const aTracer = ({ url }: Pick<OtlpReceiver, 'url'>, more: Partial<TraceOptions> = {}) =>
  openTracer({
    url: `${url}/v1/traces`,
    service: 'worker',
    version: '1.2.3',
    metrics: metrics(),
    log: silentLogger,
    ...more,
  });

/** A logger that keeps its lines. */
function aLog() {
  const lines: [object, string][] = [];
  const log = { ...silentLogger, warn: (fields: object, message: string) => void lines.push([fields, message]) };
  return { log: log as TraceOptions['log'], lines };
}

const theirs = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

it('goes on with the trace of whoever asked, part by part, as the collector reads it', async () => {
  await using receiver = await startOtlpReceiver();
  const tracer = await aTracer(receiver, {
    headers: { 'x-team': 'birds' },
    resource: { 'service.namespace': 'rookery' },
  });
  const span = tracer.start('process q', {
    kind: 'consumer',
    parent: theirs,
    attributes: { 'rookery.job': 'j1', 'rookery.task': 7, 'rookery.share': 0.25, left: undefined },
  });
  const now = performance.now();
  span.part('fetch', now - 30, now - 10, { 'rookery.pictures': 2 });
  span.event('picture without labels', { 'rookery.key': 'ä.jpg' });
  span.fail('STORE_UNAVAILABLE');
  expect(span.traceId).toBe(theirs.slice(3, 35));
  expect(span.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
  span.end();
  await tracer[Symbol.asyncDispose]();
  const [request] = receiver.requests;
  expect(request).toMatchObject({
    path: '/v1/traces',
    headers: { 'x-team': 'birds', 'content-type': 'application/x-protobuf' },
  });
  const whole = receiver.spans.find(({ name }) => name === 'process q');
  const part = receiver.spans.find(({ name }) => name === 'fetch');
  expect(whole).toMatchObject({
    service: 'worker',
    traceId: theirs.slice(3, 35),
    parentSpanId: theirs.slice(36, 52),
    kind: 'consumer',
    failed: true,
    attributes: { 'rookery.job': 'j1', 'rookery.task': 7, 'rookery.share': 0.25, 'error.type': 'STORE_UNAVAILABLE' },
    events: [{ name: 'picture without labels', attributes: { 'rookery.key': 'ä.jpg' } }],
  });
  expect(Object.keys(whole?.attributes ?? {})).not.toContain('left');
  expect(part).toMatchObject({ parentSpanId: whole?.spanId, failed: false, attributes: { 'rookery.pictures': 2 } });
  expect((part?.endMs ?? 0) - (part?.startMs ?? 0)).toBeCloseTo(20, 1);
});

it('begins a trace where what came is no traceparent, and links instead of continuing where it is told to', async () => {
  await using receiver = await startOtlpReceiver();
  const tracer = await aTracer(receiver);
  const strangers = [
    'x'.repeat(60),
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `${theirs}-more`,
    theirs.replace('00-', 'ff-'),
  ];
  for (const parent of strangers) tracer.start('a', { parent }).end();
  tracer.start('b', { link: theirs }).end();
  await tracer[Symbol.asyncDispose]();
  expect(receiver.spans.map(({ parentSpanId }) => parentSpanId)).toEqual(['', '', '', '', '']);
  expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).toBe(5);
  expect(receiver.spans.at(-1)?.links).toEqual([theirs.slice(3, 35)]);
});

it('keeps the share of traces that is asked for, and follows a caller that keeps none', async () => {
  await using receiver = await startOtlpReceiver();
  const none = await aTracer(receiver, { sampler: 'parentbased_traceidratio', ratio: 0 });
  const unkept = none.start('unkept');
  unkept.part('unkept', 1, 2);
  expect([unkept.isRecording, unkept.traceparent?.slice(-3)]).toEqual([false, '-00']);
  unkept.end();
  none.start('kept', { parent: theirs }).end();
  await none[Symbol.asyncDispose]();
  const all = await aTracer(receiver);
  all.start('unkept', { parent: `${theirs.slice(0, -2)}00` }).end();
  await all[Symbol.asyncDispose]();
  const half = await aTracer(receiver, { sampler: 'traceidratio', ratio: 0.5 });
  for (let n = 0; n < 400; n++) half.start('half').end();
  await half[Symbol.asyncDispose]();
  const names = receiver.spans.map(({ name }) => name);
  expect(names.filter((name) => name === 'unkept')).toEqual([]);
  expect(names.filter((name) => name === 'kept')).toHaveLength(1);
  const kept = names.filter((name) => name === 'half').length;
  // Six standard deviations of a fair coin.
  expect(Math.abs(kept - 200)).toBeLessThan(60);
});

it('drops what a collector that never answers leaves lying, counts it, says it once, and ends in time', async () => {
  await using hole = await startOtlpReceiver('never');
  const { log, lines } = aLog();
  const counted = metrics();
  const tracer = await aTracer(hole, { maxHeldSpans: 100, gatherMs: 10, closeMs: 200, metrics: counted, log });
  for (let n = 0; n < 350; n++) tracer.start('span').end();
  const startedAt = performance.now();
  await tracer[Symbol.asyncDispose]();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect((await counted.render()).body).toMatch(/^rookery_trace_spans_total\{outcome="dropped",service="test"\} 350$/m);
  expect(lines).toEqual([
    [{ reason: 'the collector is too slow' }, 'the trace collector does not take spans'],
    [{ dropped: 350 }, 'spans did not reach their collector'],
  ]);
});

it('counts what a collector refuses, and goes on when it takes spans again', async () => {
  await using receiver = await startOtlpReceiver(400);
  const { log, lines } = aLog();
  const counted = metrics();
  const tracer = await aTracer(receiver, { gatherMs: 5, metrics: counted, log });
  tracer.start('refused').end();
  await expect.poll(() => lines.length).toBe(1);
  receiver.status = 200;
  tracer.start('taken').end();
  await expect.poll(() => lines.at(-1)).toEqual([{ dropped: 1 }, 'spans did not reach their collector']);
  await tracer[Symbol.asyncDispose]();
  const { body } = await counted.render();
  expect(body).toMatch(/outcome="sent",service="test"\} 1$/m);
  expect(body).toMatch(/outcome="dropped",service="test"\} 1$/m);
  expect(receiver.spans.map(({ name }) => name)).toEqual(['taken']);
});

it('is nothing where there is no collector', async () => {
  const tracer = await openTracer(undefined);
  expect(tracer).toBe(noTracer);
  const span = tracer.start('anything', { parent: theirs });
  expect([span.isRecording, span.traceId, span.traceparent]).toEqual([false, undefined, undefined]);
});

it('gathers the pictures of a task by stage', async () => {
  await using receiver = await startOtlpReceiver();
  const tracer = await aTracer(receiver);
  const span = tracer.start('process q');
  const stages = new StageTimes();
  const at = performance.now();
  stages.classified(at, { queueMs: 5, decodeMs: 10, batchMs: 2, inferMs: 20 });
  stages.classified(at + 8, { queueMs: 0, decodeMs: 30, batchMs: 0, inferMs: 10 });
  span.end();
  stages.tell(span);
  await tracer[Symbol.asyncDispose]();
  const [decode, infer] = ['decode', 'infer'].map((stage) => receiver.spans.find(({ name }) => name === stage));
  expect((decode?.endMs ?? 0) - (decode?.startMs ?? 0)).toBeCloseTo(33, 1);
  expect(decode?.attributes['rookery.pictures']).toBe(2);
  expect(decode?.attributes['rookery.picture_seconds.sum']).toBeCloseTo(0.04, 6);
  expect(infer?.attributes['rookery.picture_seconds.max']).toBeCloseTo(0.02, 6);
});
