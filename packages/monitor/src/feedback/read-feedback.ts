import { FeedbackRequest, monitorLayout } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { readDocument } from '../read-document.ts';

export interface KnownLabel {
  readonly label: string;
  readonly etag: string | undefined;
  /** When it was told, by the store's clock. */
  readonly at: Date;
}

/** True labels by key: of a job's pictures, or of a bucket's. */
export interface KnownLabels {
  readonly job: string | undefined;
  readonly bucket: string | undefined;
  readonly labels: ReadonlyMap<string, KnownLabel>;
}

/** Labels that are held at once; the newest are kept. */
const maxLabels = 1_000_000;

/** All true labels, of each picture the one told last. @returns also how many there was no room for. */
export async function readFeedback(
  store: ObjectStore,
  { job, signal }: { readonly job?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<{ readonly scopes: readonly KnownLabels[]; readonly left: number }> {
  const batches: { key: string; at: Date }[] = [];
  for await (const page of store.list(monitorLayout.feedback, { signal }))
    for (const { key, lastModified } of page) batches.push({ key, at: lastModified });
  batches.sort((a, b) => b.at.getTime() - a.at.getTime() || (a.key < b.key ? 1 : -1));
  const scopes = new Map<
    string,
    { job: string | undefined; bucket: string | undefined; labels: Map<string, KnownLabel> }
  >();
  let [held, left] = [0, 0];
  for (const { key, at } of batches) {
    const found = await readDocument(store, key, FeedbackRequest, signal);
    if (!found || (job !== undefined && found.value.job !== job)) continue;
    const { job: of, bucket, labels } = found.value;
    const name = `${of ?? ''} ${bucket ?? ''}`;
    const scope = scopes.get(name) ?? { job: of, bucket, labels: new Map<string, KnownLabel>() };
    scopes.set(name, scope);
    for (const one of labels.toReversed()) {
      if (scope.labels.has(one.key)) continue;
      if (held >= maxLabels) left++;
      else {
        held++;
        scope.labels.set(one.key, { label: one.label, etag: one.etag, at });
      }
    }
  }
  return { scopes: [...scopes.values()], left };
}
