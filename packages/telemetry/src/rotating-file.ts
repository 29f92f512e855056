import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import type { LineTarget } from './line-writer.ts';

export interface LogFileOptions {
  /** The file that is written now; `path.1` is the one before it, and so on. Folders are made. */
  readonly path: string;
  /** A file is turned over before it would grow beyond this. 10 MiB where nothing is said. */
  readonly maxBytes?: number | undefined;
  /** How many older files are kept. 5 where nothing is said. */
  readonly keep?: number | undefined;
}

/** A file that is turned over by size, as logrotate names them. @throws {RookeryError} CONFIG_INVALID where it can't be opened. */
export function openRotatingFile({ path, maxBytes = 10 << 20, keep = 5 }: LogFileOptions): LineTarget {
  const open = () => openSync(path, 'a', 0o640);
  let fd: number;
  try {
    makeFolder(dirname(resolve(path)));
    fd = open();
  } catch (cause) {
    throw new RookeryError('CONFIG_INVALID', {
      detail: `the log file ${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
  let size = fstatSync(fd).size;

  const turnOver = () => {
    try {
      rmSync(`${path}.${keep}`, { force: true });
      for (let older = keep - 1; older >= 1; older--) moveIfThere(`${path}.${older}`, `${path}.${older + 1}`);
      if (keep > 0) renameSync(path, `${path}.1`);
      else rmSync(path, { force: true });
      const fresh = open();
      closeSync(fd);
      fd = fresh;
    } catch {
      // Goes on with the file that is open, and tries again when as much has been written once more.
    }
    size = 0;
  };

  return {
    get fd() {
      return fd;
    },
    before(bytes) {
      if (size > 0 && size + bytes > maxBytes) turnOver();
      size += bytes;
    },
    close: () => closeSync(fd),
  };
}

/** As `makeFolders`, for who cannot wait: Node's own recursive mkdir never ends where the system denies a folder that it shows (`/proc`). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
