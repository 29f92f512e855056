import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A file that lies beside a model. */
export interface BesideFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

/** Finds a file by its name; `undefined` where there is none. */
export type ReadBeside = (name: string) => Promise<BesideFile | undefined>;

/** Beside a model in this folder; where exports are in a folder `onnx`, as on Hugging Face, what is known lies above it. */
export function besideFiles(folder: string): ReadBeside {
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  return async (name) => {
    for (const each of folders) {
      const path = join(each, name);
      const contents = await readFile(path).catch(() => undefined);
      if (contents) return { path, contents };
    }
    return undefined;
  };
}

/** `undefined` for what is no JSON. */
export function jsonOf({ contents }: BesideFile): unknown {
  try {
    return JSON.parse(Buffer.from(contents).toString('utf8'));
  } catch {
    return undefined;
  }
}
