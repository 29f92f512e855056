import { JobId, monitorLayout } from '@rookery/contracts';
import { mapInOrder } from '@rookery/jobs';
import type { ObjectStore } from '@rookery/storage';
import * as z from 'zod';
import { jsonOptions, readDocument } from './read-document.ts';
import { Window } from './sketch/window.ts';

/** A window that a worker wrote, and the job that it is of; null: of events. */
export const WindowFile = z.strictObject({ v: z.literal(1), job: JobId.nullable(), window: Window });
export type WindowFile = z.infer<typeof WindowFile>;

const readAhead = 8;

/** `id`: of the worker and the window, so that nothing is overwritten. */
export async function putWindow(store: ObjectStore, file: WindowFile, id: string, signal?: AbortSignal): Promise<void> {
  const key = monitorLayout.window(Date.parse(file.window.to), id);
  await store.put(key, JSON.stringify(file), { ifAbsent: true, signal, ...jsonOptions });
}

export interface ReadWindowsOptions {
  /** Only what ended later. Milliseconds since the epoch. */
  readonly sinceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Windows of all workers, by the time that they ended. One listing request a thousand, one read each; one at a time in memory. */
export async function* readWindows(
  store: ObjectStore,
  { sinceMs = 0, signal }: ReadWindowsOptions = {},
): AsyncGenerator<WindowFile> {
  const keys = windowKeys(store, sinceMs, signal);
  for await (const found of mapInOrder(keys, readAhead, (key) => readDocument(store, key, WindowFile, signal)))
    if (found) yield found.value;
}

/** Deletes what ended before. */
export async function sweepWindows(store: ObjectStore, beforeMs: number, signal?: AbortSignal): Promise<void> {
  const end = monitorLayout.window(beforeMs, '');
  for await (const page of store.list(monitorLayout.windows, { signal })) {
    const old = page.map(({ key }) => key).filter((key) => key < end);
    if (old.length > 0) await store.delete(old, signal);
    if (old.length < page.length) return;
  }
}

async function* windowKeys(store: ObjectStore, sinceMs: number, signal?: AbortSignal): AsyncGenerator<string> {
  const startAfter = `${monitorLayout.windows}${String(Math.max(0, sinceMs)).padStart(13, '0')}`;
  for await (const page of store.list(monitorLayout.windows, { startAfter, signal }))
    for (const { key } of page) yield key;
}
