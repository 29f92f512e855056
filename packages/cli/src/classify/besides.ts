import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asRookeryError } from '@rookery/contracts';
import { FileNames } from './file-names.ts';
import { labelsText } from './labels-file.ts';
import type { Labelled, Source } from './picture.ts';

export interface BesidesOptions {
  readonly saveLabels: string | undefined;
  readonly annotate: string | undefined;
  readonly cwd: string;
  readonly threshold: number;
}

/** What is written beside the results for each labelled picture: text files, annotated copies. Nothing where neither is wanted. */
export async function besides({ saveLabels, annotate, cwd, threshold }: BesidesOptions) {
  const [labelsFolder, copiesFolder] = await Promise.all([madeFolder(saveLabels, cwd), madeFolder(annotate, cwd)]);
  if (labelsFolder === undefined && copiesFolder === undefined) return undefined;
  const annotator =
    copiesFolder === undefined ? undefined : (await import('./annotate.ts')).createAnnotator(copiesFolder);
  return async (
    { name, fileName = name }: Source,
    labelled: Labelled,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<void> => {
    const predictions = labelled.predictions.filter(({ score }) => score >= threshold);
    if (labelsFolder !== undefined) await writeFile(join(labelsFolder, `${fileName}.txt`), labelsText(predictions));
    await annotator?.(fileName, bytes, predictions);
  };
}

async function madeFolder(folder: string | undefined, cwd: string): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const path = resolve(cwd, folder);
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw asRookeryError(error, 'STORE_DENIED');
  });
  return path;
}

/** Sources with file names of their own, given in the order of the sources: the same command gives the same names. */
export async function* withFileNames(sources: AsyncIterable<Source>): AsyncGenerator<Source> {
  const names = new FileNames();
  for await (const source of sources) yield { ...source, fileName: names.nameFor(source.name) };
}
