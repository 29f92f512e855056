import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RookeryError } from '@rookery/contracts';

export interface FileRun {
  readonly id: string;
  readonly name: string;
  readonly group: string | null;
  readonly startedAt: string;
  /** `running` also where its process was killed. */
  readonly state: string;
  readonly rows: number;
}

/** Runs that were kept as files, oldest first. */
export async function listFileRuns(folder: string): Promise<FileRun[]> {
  const names = await readdir(folder).catch(() => []);
  const runs = await Promise.all(names.map((id) => fileRun(folder, id)));
  return runs.filter((run) => run !== undefined).sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

async function fileRun(folder: string, id: string): Promise<FileRun | undefined> {
  const json = async (file: string) => JSON.parse(await readFile(join(folder, id, file), 'utf8'));
  try {
    const { name, group = null, startedAt } = await json('run.json');
    const { state = 'running' } = await json('summary.json').catch(() => ({}));
    const rows = (await readHistory(folder, id).catch(() => [])).length;
    return { id, name, group, startedAt, state, rows };
  } catch {
    return undefined;
  }
}

/** Rows of a run; a line that a killed process left half-written does not count. @throws {RookeryError} USAGE where there is no such run. */
export async function readHistory(folder: string, id: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(folder, id, 'history.jsonl'), 'utf8').catch((cause: unknown) => {
    throw new RookeryError('USAGE', { detail: `there is no run ${id} in ${folder}`, cause });
  });
  return text.split('\n').flatMap((line): Record<string, unknown>[] => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}
