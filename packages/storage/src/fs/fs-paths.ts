import { realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { canBeginKey, checkKey } from '../check-key.ts';

/** Names that begin so are the store's own: files being written, tags. They are no keys and are never listed. */
export const reservedNames = '.rookery-';
export const isReserved = (name: string): boolean => name.startsWith(reservedNames) && name !== reservedNames;

const onWindows = sep === '\\';
const notOnWindows = /[\\<>:"|?*]|[. ]$/;

/** Whether this part of a key can be a name in a folder and stays where it is. */
const isName = (part: string): boolean =>
  part !== '' && part !== '.' && part !== '..' && !isReserved(part) && !(onWindows && notOnWindows.test(part));

const invalid = (key: string, why: string) =>
  new RookeryError('KEY_INVALID', { detail: `${JSON.stringify(key.slice(0, 200))} ${why}` });

/** @throws {RookeryError} KEY_INVALID for what cannot be a file below a folder: keys that climb out, empty parts, our own names. */
export function checkFsKey(key: string): void {
  checkKey(key);
  if (!key.split('/').every(isName)) throw invalid(key, 'is no path below the folder');
}

/** Whether keys can begin with this: every whole part is a name. */
export const isFsPrefix = (prefix: string): boolean =>
  canBeginKey(prefix) && prefix.split('/').slice(0, -1).every(isName);

const believedFolders = 1000;

/** The folder of a store, and the paths of its keys. Links that lead out of it are refused. */
export class FsPaths {
  readonly #root: string;
  #realRoot: string | undefined;
  /** Folders that were inside when they were last resolved, and until when that is believed. */
  readonly #inside = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  get root(): string {
    return this.#root;
  }

  /** Where the key would lie. */
  pathOf(key: string): string {
    return join(this.#root, ...key.split('/'));
  }

  /** Where something that is there really lies. @throws ENOENT, and KEY_INVALID where a link leads out of the folder. */
  async resolve(path: string, key: string): Promise<string> {
    this.#realRoot ??= await realpath(this.#root);
    const real = await realpath(path);
    if (
      real === this.#realRoot ||
      real.startsWith(this.#realRoot.endsWith(sep) ? this.#realRoot : this.#realRoot + sep)
    ) {
      return real;
    }
    throw invalid(key, 'leads out of the folder');
  }

  /** As `resolve` for the folder that a file lies in, believed for a second: many files lie in few folders. */
  async checkFolderOf(path: string, key: string): Promise<void> {
    const folder = dirname(path);
    const now = performance.now();
    if (now < (this.#inside.get(folder) ?? 0)) return;
    await this.resolve(folder, key);
    if (this.#inside.size >= believedFolders) this.#inside.clear();
    this.#inside.set(folder, now + 1000);
  }
}
