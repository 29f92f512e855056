import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { parseLabels } from '@rookery/models';
import type { ImportOptions } from '@rookery/optimizer';
import { fileTrouble } from '../file-trouble.ts';
import { besideFiles } from './beside-files.ts';
import { labelsBeside } from './labels-beside.ts';
import { preprocessingBeside } from './preprocessing-beside.ts';

export interface KnownOfModel {
  readonly labels: readonly string[];
  readonly known: Partial<ImportOptions>;
  /** Where it was found, for people. */
  readonly notes: readonly string[];
}

/**
 * What is known of a model file: its labels, from the file that was given, from beside the model or from inside it; how its pictures are
 * prepared, where a description beside it says so. `model` is the file, or any path in the model's folder; `bytes` gives what is in it.
 * @throws {RookeryError} LABELS_INVALID where there are none.
 */
export async function knownOfModel(
  model: string,
  given: string | undefined,
  bytes: () => Promise<Uint8Array | undefined>,
): Promise<KnownOfModel> {
  const read = besideFiles(dirname(model));
  const preprocessing = await preprocessingBeside(read, stemOf(model));
  const { labels, note } =
    given === undefined ? await foundLabels(model, read, bytes) : { labels: await readLabels(given), note: undefined };
  const notes = [note, preprocessing?.note].filter((each) => each !== undefined);
  return { labels, known: preprocessing?.known ?? {}, notes };
}

/** A file of labels. @throws {RookeryError} LABELS_INVALID */
export async function readLabels(path: string): Promise<string[]> {
  const contents = await readFile(path).catch((cause: unknown) => {
    const trouble = fileTrouble(cause, path);
    throw new RookeryError('LABELS_INVALID', { detail: trouble?.detail ?? path, cause });
  });
  return parseLabels(contents, basename(path));
}

async function foundLabels(
  model: string,
  read: ReturnType<typeof besideFiles>,
  bytes: () => Promise<Uint8Array | undefined>,
): Promise<{ labels: string[]; note: string }> {
  const beside = await labelsBeside(read, stemOf(model));
  if (beside) return { labels: beside.labels, note: `labels: ${beside.path}` };
  const contents = await bytes();
  const { labelsInside } = await import('@rookery/optimizer');
  const inside = contents && labelsInside(contents);
  if (inside) return { labels: [...inside.labels], note: `labels: ${inside.where}, inside the model` };
  throw new RookeryError('LABELS_INVALID', {
    detail: `--labels is missing, and there is no ${resolve(dirname(model), 'labels.txt')}`,
  });
}

const stemOf = (model: string): string => basename(model, extname(model));
