import { type LabelEntry, labelsInvalid } from './label-entry.ts';
import { readCsv } from './labels-csv.ts';
import { readJson } from './labels-json.ts';

/**
 * The labels of a model in index order, from a `.csv` with the columns `id` and `name` (any order of rows and columns), a `.json` (an
 * array, an object from index to name or from name to index, or as Hugging Face and Keras write them), or a text file with one label a line, or with each line's index and a space before it. UTF-8, with or without a byte order mark; LF or CRLF.
 *
 * @param fileName says the format by its ending, and stands in messages.
 * @throws {RookeryError} LABELS_INVALID with the line: a gap, an index given twice, an empty label, nothing at all.
 */
export function parseLabels(contents: string | Uint8Array, fileName: string): string[] {
  const text = (typeof contents === 'string' ? contents : decode(contents, fileName)).replace(/^\ufeff/, '');
  if (/\.csv$/i.test(fileName)) return inOrder(readCsv(text, fileName), fileName);
  if (/\.json$/i.test(fileName)) return inOrder(readJson(text, fileName), fileName);
  return inOrder(readLines(text), fileName);
}

function decode(bytes: Uint8Array, fileName: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw labelsInvalid(fileName, undefined, 'not UTF-8', cause);
  }
}

function readLines(text: string): LabelEntry[] {
  const lines = text.split(/\r\n|\n|\r/);
  // Line ends at the end are no labels.
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  // Teachable Machine and others put each line's index before the label.
  const isNumbered = lines.length > 1 && lines.every((line, index) => line.startsWith(`${index} `));
  const named = isNumbered ? lines.map((line, index) => line.slice(`${index} `.length)) : lines;
  return named.map((name, index) => ({ index, name, line: index + 1 }));
}

/** Every index from 0 on exactly once, every label with a text of one line. */
function inOrder(entries: readonly LabelEntry[], fileName: string): string[] {
  if (entries.length === 0) throw labelsInvalid(fileName, undefined, 'it holds no labels');
  const byIndex = new Map<number, LabelEntry>();
  for (const entry of entries) {
    const { index, line } = entry;
    const before = byIndex.get(index);
    if (before)
      throw labelsInvalid(
        fileName,
        line,
        `index ${index} was given before${before.line ? `, on line ${before.line}` : ''}`,
      );
    if (entry.name.trim() === '') throw labelsInvalid(fileName, line, `the label of index ${index} is empty`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    if (/[\u0000-\u001f\u007f\u2028\u2029]/.test(entry.name.trim()))
      throw labelsInvalid(fileName, line, `the label of index ${index} holds a line end or another control character`);
    byIndex.set(index, entry);
  }
  const labels: string[] = [];
  for (let index = 0; index < byIndex.size; index++) {
    const entry = byIndex.get(index);
    if (!entry) throw labelsInvalid(fileName, nextAfter(entries, index), `index ${index} is missing`);
    labels.push(entry.name.trim());
  }
  return labels;
}

/** The line of the lowest index beyond a gap: where to look. */
const nextAfter = (entries: readonly LabelEntry[], gap: number): number | undefined =>
  [...entries].sort((a, b) => a.index - b.index).find(({ index }) => index > gap)?.line;
