import { describe, expect, it } from 'vitest';
import { createMetrics } from '../src/index.ts';

describe('metrics', () => {
  it('are rendered as Prometheus reads them, with the service on each series', async () => {
    const metrics = createMetrics({ service: 'worker', process: false });
    metrics.counter({ name: 'pictures_total', help: 'Pictures classified.' }).inc(3);
    metrics.gauge({ name: 'tasks_held', help: 'Tasks leased.' }).set(2);
    metrics.histogram({ name: 'decode_seconds', help: 'Decoding.' }).observe(0.0015);
    const { contentType, body } = await metrics.render();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('# TYPE pictures_total counter');
    expect(body).toContain('pictures_total{service="worker"} 3');
    expect(body).toContain('tasks_held{service="worker"} 2');
    expect(body).toContain('decode_seconds_bucket{le="0.001",service="worker"} 0');
    expect(body).toContain('decode_seconds_bucket{le="0.002",service="worker"} 1');
    expect(body).toContain('decode_seconds_count{service="worker"} 1');
  });

  it('of two services in one process stay apart', async () => {
    const [one, two] = [createMetrics({ service: 'a' }), createMetrics({ service: 'b' })];
    one.counter({ name: 'x_total', help: 'x' }).inc();
    two.counter({ name: 'x_total', help: 'x' });
    expect((await two.render()).body).toContain('x_total{service="b"} 0');
  });

  it('tell of the process where not switched off', async () => {
    expect((await createMetrics({ service: 'a' }).render()).body).toContain('process_resident_memory_bytes');
    expect((await createMetrics({ service: 'a', process: false }).render()).body).not.toContain('process_');
  });

  it('ask a gauge for its value when they are rendered', async () => {
    const metrics = createMetrics({ service: 'a', process: false });
    let depth = 1;
    metrics.gauge({ name: 'depth', help: 'Depth.', collect: () => depth });
    depth = 7;
    expect((await metrics.render()).body).toContain('depth{service="a"} 7');
  });

  it('refuse names that Prometheus would not like', () => {
    const metrics = createMetrics({ service: 'a', process: false });
    const help = 'x';
    expect(() => metrics.counter({ name: 'pictures', help })).toThrow(/_total/);
    expect(() => metrics.gauge({ name: 'Queue-Depth', help })).toThrow(/no name/);
    expect(() => metrics.histogram({ name: 'decode_ms', help })).toThrow(/_seconds or _bytes/);
    expect(() => metrics.histogram({ name: 'batch_size', help, buckets: [1, 2, 4] })).not.toThrow();
  });

  it('keep the number of series bounded: later values share one called other', async () => {
    const metrics = createMetrics({ service: 'a', process: false });
    const errors = metrics.counters({ name: 'errors_total', help: 'By code.', labels: ['code'], maxSeries: 3 });
    for (let round = 0; round < 2; round++)
      for (let index = 0; index < 1000; index++) errors.with({ code: `E${index}` }).inc();
    const { body } = await metrics.render();
    const series = body.split('\n').filter((line) => line.startsWith('errors_total{'));
    expect(series).toHaveLength(4);
    expect(series).toContain('errors_total{code="E0",service="a"} 2');
    expect(series).toContain(`errors_total{code="other",service="a"} ${2 * 997}`);
  });

  it('tell label values apart whatever characters they hold', async () => {
    const metrics = createMetrics({ service: 'a', process: false });
    const family = metrics.histograms({ name: 'stage_seconds', help: 'x', labels: ['stage', 'queue'] });
    family.with({ stage: 'a,b', queue: 'c' }).observe(1);
    family.with({ stage: 'a', queue: 'b,c' }).observe(1);
    const { body } = await metrics.render();
    expect(body.match(/stage_seconds_count/g)).toHaveLength(2);
  });

  it('ask for series that come and go, and for counts that are kept elsewhere', async () => {
    const metrics = createMetrics({ service: 'a', process: false });
    let models = ['birds', 'insects'];
    metrics.samples({
      name: 'model_info',
      help: '1 for each model.',
      labels: ['model'],
      maxSeries: 2,
      collect: () => models.map((model) => [{ model }, 1]),
    });
    let seen = 3;
    metrics.counter({ name: 'seen_total', help: 'Seen.', collect: () => seen });
    expect((await metrics.render()).body).toContain('model_info{model="birds",service="a"} 1');
    models = ['flowers', 'trees', 'clouds'];
    seen = 5;
    const { body } = await metrics.render();
    expect(body.match(/^model_info\{.*$/gm)).toEqual([
      'model_info{model="flowers",service="a"} 1',
      'model_info{model="trees",service="a"} 1',
    ]);
    expect(body).toContain('seen_total{service="a"} 5');
  });

  it('say what there is to read', () => {
    const metrics = createMetrics({ service: 'a', process: false });
    metrics.histograms({ name: 'stage_seconds', help: 'Time.', labels: ['stage'] });
    metrics.counter({ name: 'x_total', help: 'x' });
    expect(metrics.describe()).toEqual([
      { name: 'stage_seconds', type: 'histogram', help: 'Time.', labels: ['stage'] },
      { name: 'x_total', type: 'counter', help: 'x', labels: [] },
    ]);
  });
});
