import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { asRookeryError } from '@rookery/contracts';
import { pathOfFileAddress } from '../../file-address.ts';
import type { Source } from '../picture.ts';
import { type ExpandOptions, failedSource } from './expand-options.ts';
import { listFolder } from './folder.ts';
import { readLocalFile } from './local-file.ts';
import { looksLikePicture } from './suffixes.ts';
import { withoutPassword } from './without-password.ts';

/**
 * What the user named, as pictures, in that order: files, folders, patterns, http(s) and s3 addresses, `-` for a list on stdin.
 * Streams: only the names of one folder are held at a time. What cannot be found is a source too: reading it throws its error.
 */
export async function* expandSources(
  named: AsyncIterable<string> | Iterable<string>,
  options: ExpandOptions,
): AsyncGenerator<Source> {
  for await (const name of named) {
    options.signal.throwIfAborted();
    yield* expandOne(name, options);
  }
}

async function* expandOne(name: string, options: ExpandOptions): AsyncGenerator<Source> {
  if (name === '-') {
    const { linesOf } = await import('./list.ts');
    yield* expandSources(withoutStdin(linesOf(options.stdin, options.notice)), options);
  } else if (/^https?:\/\//i.test(name)) {
    yield await urlSource(name, options);
  } else if (name.startsWith('s3://')) {
    const { expandS3 } = await import('./s3.ts');
    yield* expandS3(name, options);
  } else if (/^file:\/\//i.test(name)) {
    yield* expandFileAddress(name, options);
  } else {
    yield* expandPath(name, name, options);
  }
}

/** A list that names stdin would wait for itself. */
async function* withoutStdin(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) if (line !== '-') yield line;
}

async function* expandFileAddress(address: string, options: ExpandOptions): AsyncGenerator<Source> {
  let path: string;
  try {
    path = pathOfFileAddress(address, 'SOURCE_NOT_FOUND');
  } catch (error) {
    yield failedSource(address, asRookeryError(error));
    return;
  }
  yield* expandPath(address, path, options);
}

async function* expandPath(name: string, path: string, options: ExpandOptions): AsyncGenerator<Source> {
  const info = await stat(resolve(options.cwd, path)).catch(() => undefined);
  if (info?.isDirectory() && (path.endsWith('/') || !looksLikePicture(path))) {
    yield* expandFolder(path, options);
  } else if (!info && /[*?[{]/.test(path)) {
    const { expandPattern } = await import('./pattern.ts');
    for (const found of await expandPattern(path, options.cwd)) yield fileSource(found, found, options);
  } else {
    yield fileSource(name, path, options);
  }
}

async function* expandFolder(folder: string, options: ExpandOptions): AsyncGenerator<Source> {
  let count = 0;
  // Listed as given, so that results name pictures as the user would.
  for await (const { path, place, error } of listFolder(resolve(options.cwd, folder), options.recursive)) {
    count += 1;
    const shown = showAs(path, folder, options.cwd);
    yield error ? failedSource(shown, error) : fileSource(shown, place ?? path, options);
  }
  if (count === 0)
    options.notice(`${folder}: no pictures in it${options.recursive ? '' : ' (--recursive looks into its folders)'}`);
}

/** `path` below `folder` as it was given: relative where the user was relative. */
function showAs(path: string, folder: string, cwd: string): string {
  const base = resolve(cwd, folder);
  const below = path.slice(base.length).replace(/^\//, '');
  if (below === '') return folder;
  return folder === '.' ? below : `${folder.replace(/\/+$/, '')}/${below}`;
}

/** @param path One that is no text is absolute. */
const fileSource = (name: string, path: string | Buffer, options: ExpandOptions): Source => ({
  name,
  read: (reading) => {
    const place = typeof path === 'string' ? resolve(options.cwd, path) : path;
    return readLocalFile(place, options.config.classify.maxBytes, reading);
  },
});

async function urlSource(name: string, { config }: ExpandOptions): Promise<Source> {
  const { fetchPicture } = await import('@rookery/storage');
  const { maxUrlBytes: maxBytes, urlTimeoutMs: timeoutMs } = config.classify;
  return {
    name: withoutPassword(name),
    async read({ signal, reserve }) {
      await reserve(maxBytes);
      // The user named the address, so it may be anything that this machine can reach.
      return (await fetchPicture(name, { maxBytes, timeoutMs, maxRedirects: 5, allowPrivate: true, signal })).body;
    },
  };
}
