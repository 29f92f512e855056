import { basename } from 'node:path';

/** Bytes; file systems allow 255, and endings are added. */
const longest = 180;

/**
 * Gives each picture a file name of its own, after the last part of where it comes from: `x.jpg`, and `x.jpg-2` where another folder
 * held an `x.jpg` too.
 */
export class FileNames {
  readonly #taken = new Map<string, number>();

  /** The same calls in the same order give the same names. */
  nameFor(source: string): string {
    const name = cleaned(source);
    // Some file systems do not tell upper from lower case.
    const key = name.toLowerCase();
    const count = (this.#taken.get(key) ?? 0) + 1;
    this.#taken.set(key, count);
    return count === 1 ? name : `${name}-${count}`;
  }
}

function cleaned(source: string): string {
  const path = /^[a-z][a-z0-9+.-]*:\/\//i.test(source) ? pathOfUrl(source) : source;
  const name = basename(path)
    .replace(/[\p{Cc}\\/:*?"<>|]/gu, '_')
    .replace(/^\.+/, '_');
  const bytes = Buffer.from(name || 'picture');
  return bytes.length <= longest
    ? bytes.toString()
    : `${bytes
        .subarray(0, longest)
        .toString()
        .replace(/\ufffd$/, '')}`;
}

function pathOfUrl(address: string): string {
  try {
    const { pathname, hostname } = new URL(address);
    return pathname === '/' ? hostname : decodeURIComponent(pathname);
  } catch {
    return address;
  }
}
