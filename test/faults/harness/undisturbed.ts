import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { encodeResultLine, parseResultLine, type ResultLine } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    undisturbed: Undisturbed;
  }
}

/** What a run that nothing disturbed has written, made once by `setup.ts`. */
export interface Undisturbed {
  /** Folder of the pictures: read by all, changed by none. */
  readonly pictures: string;
  readonly count: number;
  /** File with the lines of all of them, in order. */
  readonly lines: string;
}

/** The lines of the shared pictures, as bytes would be compared. */
export const undisturbedText = (): Promise<string> => readFile(inject('undisturbed').lines, 'utf8');

/** By key. */
export async function undisturbedLines(): Promise<Map<string, ResultLine>> {
  const lines = (await undisturbedText()).trimEnd().split('\n').map(parseResultLine);
  return new Map(lines.map((line) => [line.key, line]));
}

/**
 * The same pictures in another store have other etags: the lines as an undisturbed run there writes them. Whatever lies under a key must
 * be the shared picture of that key.
 */
export async function undisturbedIn(store: ObjectStore): Promise<string> {
  const lines = await undisturbedLines();
  const { pictures } = inject('undisturbed');
  let text = '';
  for await (const page of store.list('')) {
    for (const { key, etag } of page) {
      const line = lines.get(key);
      if (!line) throw new Error(`${key} is none of the shared pictures`);
      const body = await readFile(`${pictures}/${key}`);
      if (/^[0-9a-f]{32}$/.test(etag) && createHash('md5').update(body).digest('hex') !== etag)
        throw new Error(`${key} is another picture there`);
      text += encodeResultLine({ ...line, etag });
    }
  }
  return text;
}
