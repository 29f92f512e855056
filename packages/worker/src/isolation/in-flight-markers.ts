import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders, type Task } from '@rookery/contracts';
import type { Suspects } from './suspects.ts';

/** What a task works on: its place in a job, or a picture of an event. */
export type Subject =
  | { readonly job: string; readonly seq: number }
  | { readonly bucket: string; readonly key: string };

const subjectsOf = (task: Task): Subject[] =>
  task.job !== undefined && task.seq !== undefined
    ? [{ job: task.job, seq: task.seq }]
    : (task.items ?? []).map(({ key }) => ({ bucket: task.bucket, key }));

/** The same for the same subject. */
const nameOf = (subject: Subject): string =>
  JSON.stringify('job' in subject ? [subject.job, subject.seq] : [subject.bucket, subject.key]);

/**
 * A file for each task in flight, for the memory queue: it survives the crash of the one process, and what was in flight then is done in
 * isolation at the next start. After a kill, innocent tasks are among them; that costs time, nothing else.
 */
export class InFlightMarkers implements Suspects {
  readonly #folder: string;
  /** Left by an earlier process: what may have ended it, and the markers that say so. */
  readonly #left = new Map<string, { readonly subject: Subject; readonly markers: Marker[] }>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `folder` belongs to this process alone; it is made if it is missing. */
  static async open(folder: string): Promise<InFlightMarkers> {
    await makeFolders(folder);
    const markers = new InFlightMarkers(folder);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const subjects = await readMarker(path);
      const marker = { path, names: new Set(subjects.map(nameOf)) };
      // Cut off while it was written: its task had not begun.
      if (subjects.length === 0) await rm(path, { force: true });
      for (const subject of subjects) markers.#leave(subject, marker);
    }
    return markers;
  }

  /**
   * Forgets what is done, or wanted by nobody any more, of what was in flight: it comes back in no task, so that its marker would stay.
   */
  async forget(isOver: (subject: Subject) => Promise<boolean>): Promise<void> {
    for (const { subject } of [...this.#left.values()]) if (await isOver(subject)) await this.#clear(subject);
  }

  isSuspect(task: Task): boolean {
    return this.#left.size > 0 && subjectsOf(task).some((subject) => this.#left.has(nameOf(subject)));
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

  /** Whoever ended several processes in a row has as many markers. */
  #leave(subject: Subject, marker: Marker): void {
    const left = this.#left.get(nameOf(subject));
    if (left) left.markers.push(marker);
    else this.#left.set(nameOf(subject), { subject, markers: [marker] });
  }

  async #clear(subject: Subject): Promise<void> {
    const name = nameOf(subject);
    const left = this.#left.get(name);
    if (left === undefined) return;
    this.#left.delete(name);
    for (const { names, path } of left.markers) {
      names.delete(name);
      if (names.size === 0) await rm(path, { force: true });
    }
  }
}

/** A file, and what it still stands for. */
interface Marker {
  readonly path: string;
  readonly names: Set<string>;
}

async function readMarker(path: string): Promise<Subject[]> {
  try {
    const marker: unknown = JSON.parse(await readFile(path, 'utf8'));
    return Array.isArray(marker) ? marker.filter(isSubject) : [];
  } catch {
    return [];
  }
}

const isSubject = (value: unknown): value is Subject =>
  typeof value === 'object' &&
  value !== null &&
  (('job' in value && 'seq' in value) || ('bucket' in value && 'key' in value));
