import { basename } from 'node:path';
import { parseLabels } from '@rookery/models';
import * as z from 'zod';
import { jsonOf, type ReadBeside } from './beside-files.ts';

/** Files of labels alone, as tools call them. */
const labelFiles = ['labels.txt', 'dict.txt', 'classes.txt', 'class_names.txt', 'labels.json'];

const Names = z.array(z.string()).min(1);
const ById = z.record(z.string().regex(/^\d+$/), z.string());
const ByName = z.record(z.string(), z.int().min(0));

/** Descriptions that have the labels among other things, and how they have them. */
const descriptions: readonly (readonly [file: string, labels: z.ZodType<string[] | Record<string, string>>])[] = [
  // Teachable Machine.
  ['metadata.json', z.object({ labels: Names }).transform(({ labels }) => labels)],
  // Hugging Face.
  ['config.json', z.object({ id2label: ById }).transform(({ id2label }) => id2label)],
  ['config.json', z.object({ label_names: Names }).transform(({ label_names }) => label_names)],
  // Generators of Keras.
  [
    'class_indices.json',
    ByName.transform((places) => Object.fromEntries(Object.entries(places).map(([a, b]) => [b, a]))),
  ],
];

/**
 * Labels that lie beside a model, in the first of the files that tools write. `stem` is the model's file without its ending.
 * @throws {RookeryError} LABELS_INVALID where that file has no usable ones.
 */
export async function labelsBeside(
  read: ReadBeside,
  stem: string,
): Promise<{ labels: string[]; path: string } | undefined> {
  for (const name of [`${stem}.labels.txt`, ...labelFiles]) {
    const file = await read(name);
    if (file) return { labels: parseLabels(file.contents, basename(file.path)), path: file.path };
  }
  for (const [name, schema] of descriptions) {
    const file = await read(name);
    const found = file && schema.safeParse(jsonOf(file)).data;
    if (found) return { labels: parseLabels(JSON.stringify(found), name), path: file.path };
  }
  return undefined;
}
