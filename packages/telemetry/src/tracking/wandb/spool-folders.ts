import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeFolders } from '@rookery/contracts';
import { hostLabel } from '../../host-label.ts';
import { readState, type SpooledRun } from './spool.ts';

const host = hostLabel();

/** Folders that this process works on: another one with its number is of a process that had it before, as after a container's restart. */
const mine = new Set<string>();

const nameOf = (id: string, pid: number): string => `${id}.${host}.${pid}`;

/** A spool's folder is named after the process that works on it: `<run>.<host>.<pid>`. */
export async function makeSpoolFolder(root: string, run: SpooledRun): Promise<string> {
  const name = nameOf(run.id, process.pid);
  const folder = join(root, name);
  mine.add(name);
  await makeFolders(folder);
  writeFileSync(join(folder, 'run.json'), `${JSON.stringify(run, null, 2)}\n`);
  return folder;
}

/** What lies in a spool, for people. */
export interface SpoolInfo {
  readonly folder: string;
  readonly run: SpooledRun;
  readonly waitingBytes: number;
  readonly droppedLines: number;
  readonly trouble: string | undefined;
  /** Somebody works on it, or may: of another host nothing is known. */
  readonly inUse: boolean;
  /** Whose it is, where it is another one's. */
  readonly host: string | undefined;
}

/** All spools, oldest first. A folder that is none is left alone. */
export function listSpools(root: string): SpoolInfo[] {
  return namesIn(root)
    .flatMap((name): SpoolInfo[] => {
      const folder = join(root, name);
      try {
        const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as SpooledRun;
        const { sentBytes, droppedLines, trouble } = readState(folder);
        const waitingBytes = statSync(join(folder, 'requests.jsonl')).size - sentBytes;
        return [{ folder, run, waitingBytes, droppedLines, trouble, inUse: isInUse(name), host: otherHostOf(name) }];
      } catch {
        return [];
      }
    })
    .sort((a, b) => (a.run.createdAt < b.run.createdAt ? -1 : 1));
}

/** Takes over a spool that nobody works on any more. Of several who try one gets it. */
export function claimSpool({ folder, run }: SpoolInfo, root: string): string | undefined {
  const name = nameOf(run.id, process.pid);
  try {
    renameSync(folder, join(root, name));
    mine.add(name);
    return join(root, name);
  } catch {
    return undefined;
  }
}

/** Everything in it has arrived. */
export const removeSpool = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** What could not be sent now may be taken over by the next who tries. */
export const releaseSpool = (folder: string): boolean => mine.delete(basename(folder));

function namesIn(root: string): string[] {
  try {
    return readdirSync(root);
  } catch {
    return [];
  }
}

const ownerIn = (name: string): string[] => /\.([^.]+)\.(\d+)$/.exec(name)?.slice(1) ?? [];

function otherHostOf(name: string): string | undefined {
  const [at] = ownerIn(name);
  return at === host ? undefined : at;
}

/** Of another host nothing is known: its spools are its own. */
function isInUse(name: string): boolean {
  const [at, pid] = ownerIn(name);
  if (at !== host) return true;
  if (Number(pid) === process.pid) return mine.has(name);
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
