import { JobId, ModelName, ModelVersion, monitorLayout, RookeryError } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import * as z from 'zod';
import { jsonOptions, readDocument } from './read-document.ts';
import { Window } from './sketch/window.ts';

/** `jobs/.monitor/baselines/<name>/<version>.json`: what a version answered while all was well. The version itself stays as it is. */
export const Baseline = z.strictObject({
  v: z.literal(1),
  name: ModelName,
  version: ModelVersion,
  createdAt: z.iso.datetime(),
  /** Where it is from: a job, or what the fleet did in a time. */
  job: JobId.nullable(),
  window: Window,
});
export type Baseline = z.infer<typeof Baseline>;

/** Puts the reference of a version. @throws {RookeryError} VERSION_CONFLICT where it has one and `replace` is not asked for. */
export async function putBaseline(
  store: ObjectStore,
  baseline: Baseline,
  { replace = false }: { readonly replace?: boolean | undefined } = {},
): Promise<void> {
  const { name, version } = Baseline.parse(baseline);
  const key = monitorLayout.baseline(name, version);
  const put = await store.put(key, JSON.stringify(baseline), { ifAbsent: !replace, ...jsonOptions });
  if (put === 'exists')
    throw new RookeryError('VERSION_CONFLICT', {
      detail: `${name}@${version} has a reference window; --replace takes this one`,
    });
}

export async function findBaseline(
  store: ObjectStore,
  { name, version }: { readonly name: string; readonly version: string },
  signal?: AbortSignal,
): Promise<Baseline | undefined> {
  return (await readDocument(store, monitorLayout.baseline(name, version), Baseline, signal))?.value;
}
