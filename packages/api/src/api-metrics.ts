import type { PictureTimings } from '@rookery/inference';
import { type Metrics, type RolloutCounts, rolloutCounts } from '@rookery/telemetry';
import type { HostedModel } from './serving/hosted-model.ts';

const reasons = ['wait', 'deadline', 'pending', 'memory', 'stalled', 'rate'] as const;
/** Why a request was turned away before its pictures were read. */
export type Refusal = (typeof reasons)[number];

const webhookOutcomes = ['delivered', 'failed', 'given_up'] as const;
export type WebhookOutcome = (typeof webhookOutcomes)[number];

/** What happens inside the service, told to whoever counts it. */
export interface ApiMetrics {
  request(route: string, method: string, status: number, seconds: number): void;
  /** One more, or one less, request in progress. */
  inFlight(by: 1 | -1): void;
  refused(reason: Refusal): void;
  classified(timings: PictureTimings): void;
  failed(code: string): void;
  readonly rollout: RolloutCounts;
  /** An attempt to tell a webhook that a job has ended. */
  webhook(outcome: WebhookOutcome): void;
}

export interface ApiGauges {
  readonly pendingPictures: () => number;
  readonly heldBytes: () => number;
  readonly waitSeconds: () => number;
  readonly models: () => readonly HostedModel[];
  readonly modelBytes: () => number;
}

export function apiMetrics(metrics: Metrics, gauges: ApiGauges): ApiMetrics {
  const requests = metrics.histograms({
    name: 'http_request_duration_seconds',
    help: 'From the headers of a request to the end of its answer.',
    labels: ['route', 'method', 'status'],
    maxSeries: 500,
  });
  const inFlight = metrics.gauge({ name: 'http_requests_in_flight', help: 'Requests without their whole answer.' });
  const refusals = metrics.counters({
    name: 'rookery_admission_refusals_total',
    help: 'Requests turned away with 429 or 503 before their pictures were read, by reason.',
    labels: ['reason'],
  });
  const stages = metrics.histograms({
    name: 'rookery_classify_stage_seconds',
    help: 'Where the time of a picture went: wait, decode, batch, infer.',
    labels: ['stage'],
  });
  const [wait, decode, batch, infer] = ['wait', 'decode', 'batch', 'infer'].map((stage) => stages.with({ stage }));
  const batchPictures = metrics.histogram({
    name: 'rookery_classify_batch_pictures',
    help: 'Pictures in the batch that a picture was part of.',
    buckets: [1, 2, 4, 8, 16, 32, 64],
  });
  const outcomes = metrics.counters({
    name: 'rookery_classified_pictures_total',
    help: 'Pictures answered, by the code of their error; `none` for labelled ones.',
    labels: ['error'],
  });
  const labelled = outcomes.with({ error: 'none' });
  const gauge = (name: string, help: string, collect: () => number) => metrics.gauge({ name, help, collect });
  gauge('rookery_pending_pictures', 'Pictures read and not yet answered.', gauges.pendingPictures);
  gauge('rookery_request_bytes', 'Encoded bytes of requests in memory.', gauges.heldBytes);
  gauge('rookery_estimated_wait_seconds', 'What a picture that came now would wait.', gauges.waitSeconds);
  gauge('rookery_hosted_models', 'Models in memory.', () => gauges.models().length);
  metrics.samples({
    name: 'rookery_hosted_model_info',
    help: '1 for each model in memory.',
    labels: ['model', 'variant'],
    collect: () =>
      gauges.models().map(({ resolved: { name, version, variant } }) => [{ model: `${name}@${version}`, variant }, 1]),
  });
  const webhooks = metrics.counters({
    name: 'rookery_webhooks_total',
    help: 'Attempts to tell receivers that a job has ended, by what came of them.',
    labels: ['outcome'],
  });
  gauge('rookery_hosted_model_bytes', 'Graphs in memory.', gauges.modelBytes);
  // A count that is not there before it is 1 has not risen, for Prometheus.
  for (const reason of reasons) refusals.with({ reason });
  for (const outcome of webhookOutcomes) webhooks.with({ outcome });
  return {
    request: (route, method, status, seconds) =>
      requests.with({ route, method, status: `${Math.floor(status / 100)}xx` }).observe(seconds),
    inFlight: (by) => inFlight.inc(by),
    refused: (reason) => refusals.with({ reason }).inc(),
    classified({ queueMs, decodeMs, batchMs, inferMs, batchSize }) {
      labelled.inc();
      wait?.observe(queueMs / 1000);
      decode?.observe(decodeMs / 1000);
      batch?.observe(batchMs / 1000);
      infer?.observe(inferMs / 1000);
      batchPictures.observe(batchSize);
    },
    rollout: rolloutCounts(metrics),
    failed: (code) => outcomes.with({ error: code }).inc(),
    webhook: (outcome) => webhooks.with({ outcome }).inc(),
  };
}
