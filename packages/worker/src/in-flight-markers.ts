import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Task } from '@rookery/contracts';
import type { Suspects } from './suspects.ts';

/** What a task works on: its place in a job, or the pictures of events. */
const subjectsOf = (task: Task): string[] =>
  task.job === undefined ? (task.items ?? []).map(({ key }) => `${task.bucket} ${key}`) : [`${task.job} ${task.seq}`];

/**
 * A file for each task in flight, for the memory queue: it survives the crash of the one process, and what was in flight then is done in
 * isolation at the next start. After a kill, innocent tasks are among them; that costs time, nothing else.
 */
export class InFlightMarkers implements Suspects {
  readonly #folder: string;
  /** Left by an earlier process: what may have ended it, and the marker that says so. */
  readonly #left = new Map<string, { readonly path: string; readonly subjects: Set<string> }>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `folder` belongs to this process alone; it is made if it is missing. */
  static async open(folder: string): Promise<InFlightMarkers> {
    await mkdir(folder, { recursive: true });
    const markers = new InFlightMarkers(folder);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const left = { path, subjects: new Set(await readMarker(path)) };
      // Cut off while it was written: its task had not begun.
      if (left.subjects.size === 0) await rm(path, { force: true });
      for (const subject of left.subjects) markers.#left.set(subject, left);
    }
    return markers;
  }

  isSuspect(task: Task): boolean {
    return this.#left.size > 0 && subjectsOf(task).some((subject) => this.#left.has(subject));
  }

  async begin(task: Task): Promise<(done: boolean) => Promise<void>> {
    const subjects = subjectsOf(task);
    const path = join(this.#folder, randomUUID());
    await writeFile(path, JSON.stringify(subjects));
    return async (done) => {
      await rm(path, { force: true });
      if (!done) return;
      for (const subject of subjects) await this.#clear(subject);
    };
  }

  async #clear(subject: string): Promise<void> {
    const left = this.#left.get(subject);
    if (left === undefined) return;
    this.#left.delete(subject);
    left.subjects.delete(subject);
    if (left.subjects.size === 0) await rm(left.path, { force: true });
  }
}

async function readMarker(path: string): Promise<string[]> {
  try {
    const marker: unknown = JSON.parse(await readFile(path, 'utf8'));
    return Array.isArray(marker) ? marker.filter((subject) => typeof subject === 'string') : [];
  } catch {
    return [];
  }
}
