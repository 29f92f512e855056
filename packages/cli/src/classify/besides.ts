import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../make-folder.ts';
import { FileNames } from './file-names.ts';
import { labelsText } from './labels-file.ts';
import type { Labelled, Source } from './picture.ts';

export interface BesidesOptions {
  readonly saveLabels: string | undefined;
  readonly annotate: string | undefined;
  readonly explain: string | undefined;
  readonly cwd: string;
  readonly threshold: number;
}

/** What is written beside the results for each labelled picture: text files, annotated copies, heat maps. Nothing where neither is wanted. */
export async function besides({ saveLabels, annotate, explain, cwd, threshold }: BesidesOptions) {
  const labelsFolder = await madeFolder(saveLabels, '--save-labels', cwd);
  const copiesFolder = await madeFolder(annotate, '--annotate', cwd);
  const mapsFolder = await madeFolder(explain, '--explain', cwd);
  if ([labelsFolder, copiesFolder, mapsFolder].every((folder) => folder === undefined)) return undefined;
  const annotator =
    copiesFolder === undefined ? undefined : (await import('./annotate.ts')).createAnnotator(copiesFolder);
  const explainer =
    mapsFolder === undefined ? undefined : (await import('./write-explanation.ts')).explanationWriter(mapsFolder);
  return async (
    { name, fileName = name }: Source,
    labelled: Labelled,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<void> => {
    const predictions = labelled.predictions.filter(({ score }) => score >= threshold);
    if (labelsFolder !== undefined) await writeFile(join(labelsFolder, `${fileName}.txt`), labelsText(predictions));
    await annotator?.(fileName, bytes, predictions);
    await explainer?.(fileName, bytes, { ...labelled, predictions });
  };
}

async function madeFolder(folder: string | undefined, option: string, cwd: string): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const path = resolve(cwd, folder);
  await makeFolder(path, option);
  return path;
}

/** Sources with file names of their own, given in the order of the sources: the same command gives the same names. */
export async function* withFileNames(sources: AsyncIterable<Source>): AsyncGenerator<Source> {
  const names = new FileNames();
  for await (const source of sources) yield { ...source, fileName: names.nameFor(source.name) };
}
