import { errorCodeOf, type ResultLine, RookeryError } from '@rookery/contracts';
import { type Logger, noTracer, type Span, StageTimes, type Tracer } from '@rookery/telemetry';
import type { Leased } from '../lease/lease-source.ts';
import { nameOf } from '../model/pinned-models.ts';

/** Failed pictures of a task that its span names; the others are counted. */
const namedFailures = 8;

/** What is told of one task while it is worked on. */
export interface TaskTrace {
  readonly span: Span;
  /** Its lines say which task they are about, and which trace. */
  readonly log: Logger;
  /** Of its pictures, where anybody will see them. */
  readonly stages: StageTimes | undefined;
}

/** Goes on with the trace that the task came with. */
export function traceTask(
  { delivery, from }: Leased,
  options: { tracer: Tracer; log: Logger; queue: string },
): TaskTrace {
  const { tracer, log, queue } = options;
  const { attempt, sentAt } = delivery;
  const task = delivery.task instanceof RookeryError ? undefined : delivery.task;
  const { job, seq } = task ?? {};
  const model = task && nameOf(task.pin);
  const fields = { job, task: seq, model };
  if (tracer === noTracer) return { span: tracer.start(''), log: log.child(fields), stages: undefined };
  const span = tracer.start(`process ${queue}`, {
    kind: 'consumer',
    parent: task?.traceparent,
    attributes: {
      'messaging.system': 'rookery',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': queue,
      'rookery.lane': from,
      'rookery.attempt': attempt,
      'rookery.queue_wait_seconds': sentAt === undefined ? undefined : (Date.now() - sentAt) / 1_000,
      'rookery.job': job,
      'rookery.task': seq,
      'rookery.model': model,
      'rookery.variant': task?.pin.model.variant,
    },
  });
  return {
    span,
    log: log.child({ ...fields, trace_id: span.traceId }),
    stages: span.isRecording ? new StageTimes() : undefined,
  };
}

/** Says which pictures have no labels. */
export function tellFailures(span: Span, lines: readonly ResultLine[]): void {
  if (!span.isRecording) return;
  let failed = 0;
  for (const line of lines) {
    const code = errorCodeOf(line);
    if (code === undefined) continue;
    failed++;
    if (failed <= namedFailures) span.event('picture without labels', { 'rookery.key': line.key, 'error.type': code });
  }
  span.set({ 'rookery.pictures': lines.length, 'rookery.failed_pictures': failed });
}
