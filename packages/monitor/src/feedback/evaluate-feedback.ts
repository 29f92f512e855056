import { findLabel, type JobLedger, mapInOrder, streamLines } from '@rookery/jobs';
import { Evaluation, type EvaluationReport } from './evaluation.ts';
import { type KnownLabels, readFeedback } from './read-feedback.ts';

const readAhead = 16;

export interface FeedbackReport extends EvaluationReport {
  /** True labels that there was no room for. */
  readonly left: number;
}

export interface EvaluateFeedbackOptions {
  /** Only labels of this job. */
  readonly job?: string | undefined;
  /** Only lines of this pin. */
  readonly model?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Joins all true labels with what was answered: a job's lines are streamed, labels of events are read one by one. */
export async function evaluateFeedback(
  ledger: JobLedger,
  { job, model, signal }: EvaluateFeedbackOptions = {},
): Promise<FeedbackReport> {
  const { scopes, left } = await readFeedback(ledger.store, { job, signal });
  const evaluation = new Evaluation();
  for (const scope of scopes) {
    if (scope.job !== undefined) await ofJob(ledger, scope.job, scope, { evaluation, model, signal });
    else if (scope.bucket !== undefined) await ofBucket(ledger, scope.bucket, scope, { evaluation, model, signal });
  }
  return { ...evaluation.report(), left };
}

interface Joining {
  readonly evaluation: Evaluation;
  readonly model: string | undefined;
  readonly signal: AbortSignal | undefined;
}

async function ofJob(ledger: JobLedger, job: string, { labels }: KnownLabels, joining: Joining): Promise<void> {
  const { evaluation, model, signal } = joining;
  const left = new Set(labels.keys());
  if (await ledger.find(job, signal))
    for await (const lines of streamLines(ledger, job, { partial: true, signal }))
      for (const line of lines) {
        const known = labels.get(line.key);
        // A key named twice has one true label.
        if (!known || !left.delete(line.key)) continue;
        if (model === undefined || line.model === model) evaluation.add(known, line);
      }
  for (const _ of left) evaluation.missing();
}

async function ofBucket(ledger: JobLedger, bucket: string, { labels }: KnownLabels, joining: Joining): Promise<void> {
  const { evaluation, model, signal } = joining;
  const found = mapInOrder(labels, readAhead, async ([key, known]) => ({
    known,
    line: await findLabel(ledger.store, bucket, key, signal),
  }));
  for await (const { known, line } of found) {
    if (!line) evaluation.missing();
    else if (model === undefined || line.model === model) evaluation.add(known, line);
  }
}
