import { canonicalJson, digestOf, type FeedbackReceipt, FeedbackRequest, monitorLayout } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { jsonOptions } from '../read-document.ts';

/**
 * Keeps true labels: one object a batch, named after its contents, put if absent and never rewritten. The same batch again is the same
 * object; of two labels for one picture the later batch counts.
 */
export async function putFeedback(
  store: ObjectStore,
  request: FeedbackRequest,
  signal?: AbortSignal,
): Promise<FeedbackReceipt> {
  const checked = FeedbackRequest.parse(request);
  const body = canonicalJson(checked);
  const batch = digestOf(body)
    .replace(/^sha256:/, '')
    .slice(0, 32);
  const put = await store.put(`${monitorLayout.feedback}${batch}.json`, body, {
    ifAbsent: true,
    signal,
    ...jsonOptions,
  });
  return { batch, labels: checked.labels.length, isNew: put === 'created' };
}
