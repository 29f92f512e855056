import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import type { PictureWork } from './picture-work.ts';

const pictureName = /\.(?:jpe?g|jpe|jfif|mpo|png|webp|gif|tiff?|avif|bmp|dib)$/i;

/** A file below the folder that was given at start. */
export interface LocalFile {
  /** As it is called below the folder that was asked for. */
  readonly name: string;
  /** Real: without links. */
  readonly path: string;
}

export interface LocalFilesOptions {
  readonly root: string;
  /** Of a folder, at most. */
  readonly maxFiles: number;
  readonly maxBytes: number;
}

/** Reads pictures below one folder: nothing that lies elsewhere, whatever leads there. */
export class LocalFiles {
  readonly #options: LocalFilesOptions;

  constructor(options: LocalFilesOptions) {
    this.#options = options;
  }

  /**
   * The file that a path means, or the pictures of the folder that it means, by name.
   * @param source Relative to the root, or absolute below it.
   * @throws {RookeryError} SOURCE_DENIED outside of the root, SOURCE_NOT_FOUND, SOURCE_NOT_A_FILE, REQUEST_TOO_LARGE.
   */
  async find(source: string): Promise<LocalFile[]> {
    const { maxFiles } = this.#options;
    const path = await this.#locate(source);
    const info = await stat(path).catch(notFound);
    if (info.isFile()) return [{ name: source, path }];
    if (!info.isDirectory()) throw new RookeryError('SOURCE_NOT_A_FILE');
    const names = (await readdir(path, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && pictureName.test(entry.name))
      .map(({ name }) => name)
      .sort();
    if (names.length === 0)
      throw new RookeryError('SOURCE_NOT_FOUND', { detail: 'there is no picture in this folder' });
    if (names.length > maxFiles)
      throw new RookeryError('REQUEST_TOO_LARGE', {
        detail: `${names.length} pictures, at most ${maxFiles}: make it a job`,
      });
    return names.map((name) => ({ name, path: join(path, name) }));
  }

  /** @throws {RookeryError} SOURCE_NOT_FOUND, SOURCE_NOT_A_FILE, SOURCE_TOO_MANY_BYTES */
  async read({ path }: LocalFile, work: PictureWork): Promise<Uint8Array<ArrayBuffer>> {
    // Neither a link that took the file's place nor a pipe that never ends.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(notFound);
    try {
      const info = await file.stat();
      if (!info.isFile()) throw new RookeryError('SOURCE_NOT_A_FILE');
      const { maxBytes } = this.#options;
      return await work.read(file.createReadStream({ autoClose: false }), { maxBytes, length: info.size });
    } finally {
      await file.close();
    }
  }

  async #locate(source: string): Promise<string> {
    if (source.includes('\0')) throw denied();
    const root = await realpath(this.#options.root).catch(notFound);
    const asked = isAbsolute(source) ? resolve(source) : resolve(root, source);
    // Before anything is looked at, so that nothing is learnt of what lies elsewhere.
    if (!isInside(asked, root) && !isInside(asked, resolve(this.#options.root))) throw denied();
    const real = await realpath(asked).catch(notFound);
    if (!isInside(real, root)) throw denied();
    return real;
  }
}

const isInside = (path: string, root: string): boolean => {
  const way = relative(root, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
};

const denied = (): RookeryError =>
  new RookeryError('SOURCE_DENIED', {
    detail: 'only what lies below the folder given at start (--local-root) may be read',
  });

function notFound(cause: unknown): never {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'ELOOP') throw new RookeryError('SOURCE_DENIED', { cause });
  throw new RookeryError('SOURCE_NOT_FOUND', { cause });
}
