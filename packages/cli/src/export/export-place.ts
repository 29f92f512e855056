import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import type { ExportFormat } from '@rookery/optimizer';
import { fileTrouble } from '../file-trouble.ts';
import { makeFolder } from '../make-folder.ts';

export interface ExportedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where an exported model goes. Nothing is there under its name before `commit`; what was not committed leaves nothing behind. */
export interface ExportPlace extends AsyncDisposable {
  readonly path: string;
  /** What a file of the model is called there. */
  readonly nameOf: (name: string) => string;
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** A file as it was written; `undefined` where there is none. */
  readonly read: (name: string) => Promise<Uint8Array | undefined>;
  /** All is written: it gets its name. */
  commit(): Promise<ExportedFile[]>;
}

const factsFile = 'rookery.json';

/** Models that are one file, by how its name ends. */
const endings: Partial<Record<ExportFormat, string>> = { onnx: '.onnx', tflite: '.tflite' };

/** How files of models end, of whatever format. */
const modelEndings = ['.onnx', '.tflite', '.pb', '.json', '.h5', '.keras'];

/**
 * A folder, or a file where the path ends as the format's do: then labels and facts are called after it.
 * @throws {RookeryError} USAGE where the path ends as files of another format do, or something is there already, unless it is an earlier export and `force` is set; USAGE, STORE_FULL,
 * STORE_DENIED where the folder above cannot be made.
 */
export async function openExport(path: string, format: ExportFormat, force: boolean): Promise<ExportPlace> {
  const ending = endings[format];
  const isFile = ending !== undefined && extname(path) === ending;
  if (!isFile && modelEndings.includes(extname(path).toLowerCase())) {
    const file = ending === undefined ? '' : `a name that ends with ${ending} makes a file, `;
    throw refuse(path, `${format} has no files that end so: ${file}one without an ending a folder`);
  }
  const targetOf = (name: string): string => {
    if (!isFile) return join(path, name);
    return extname(name) === ending ? path : `${path.slice(0, -ending.length)}.${name}`;
  };
  await (isFile ? refuseFiles([path, targetOf('labels.txt'), targetOf(factsFile)], force) : refuseFolder(path, force));
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  await makeFolder(dirname(path), '--output');
  await attempt(path, () => mkdir(temporary, { recursive: true }));
  const names: string[] = [];
  return {
    path,
    nameOf: (name) => basename(targetOf(name)),
    async write(name, bytes) {
      await attempt(path, () => writeFile(join(temporary, name), bytes));
      names.push(name);
    },
    read: (name) =>
      readFile(join(temporary, name)).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return undefined;
        throw new RookeryError('SOURCE_UNREADABLE', { detail: join(temporary, name), cause });
      }),
    async commit() {
      const files = await Promise.all(
        names.map(async (name) => ({ path: targetOf(name), sizeBytes: (await stat(join(temporary, name))).size })),
      );
      await attempt(path, async () => {
        // The model itself last: where it is, all is.
        if (isFile) for (const name of names.toReversed()) await rename(join(temporary, name), targetOf(name));
        else await replaceFolder(temporary, path);
      });
      return files;
    },
    [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true }),
  };
}

const refuse = (path: string, why: string) => new RookeryError('USAGE', { detail: `--output ${path}: ${why}` });
const isThere = 'it is there already; --force takes its place';

/** The model, its labels and its facts: only where all of them are there is it an earlier export. */
async function refuseFiles(targets: readonly string[], force: boolean): Promise<void> {
  const found: string[] = [];
  for (const target of targets) {
    const there = await stat(target).catch(() => undefined);
    if (there?.isDirectory()) throw refuse(target, 'this is a folder');
    if (there) found.push(target);
  }
  const [first] = found;
  if (first === undefined) return;
  if (found.length < targets.length) throw refuse(first, 'it is there already, and is no export of this name');
  if (!force) throw refuse(first, isThere);
}

async function refuseFolder(path: string, force: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (!there) return;
  if (!there.isDirectory()) throw refuse(path, 'this is a file');
  const contents = await readdir(path);
  if (contents.length === 0) return;
  // Of a folder more would go than whoever asks may have thought of.
  if (!contents.includes(factsFile)) throw refuse(path, 'this folder is no exported model');
  if (!force) throw refuse(path, isThere);
}

/** The old folder steps aside, and goes once the new one has its name. */
async function replaceFolder(temporary: string, path: string): Promise<void> {
  const old = `${temporary}.old`;
  const isThere = await rename(path, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(temporary, path);
  } catch (cause) {
    if (isThere) await rename(old, path);
    throw cause;
  }
  await rm(old, { recursive: true, force: true });
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const trouble = fileTrouble(cause, `--output ${path}`);
    throw trouble ?? new RookeryError('STORE_UNAVAILABLE', { detail: `--output ${path}: ${String(cause)}`, cause });
  }
}
