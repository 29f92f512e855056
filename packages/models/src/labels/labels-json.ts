import { type LabelEntry, labelsInvalid } from './label-entry.ts';

/**
 * `["a", "b"]`, `{ "0": "a", "1": "b" }`, and the forms that others write: from label to index (`{ "a": 0 }`), Hugging Face's `id2label`,
 * Keras' pairs (`{ "0": ["n01440764", "a"] }`), a list of `{ "id": 0, "name": "a" }`.
 */
export function readJson(text: string, fileName: string): LabelEntry[] {
  const value = parse(text, fileName);
  if (!isObject(value))
    throw labelsInvalid(fileName, undefined, 'it should be an array of labels, or an object from index to label');
  const labels = isObject(value.id2label) ? value.id2label : value;
  const named = Object.entries(labels);
  if (!Array.isArray(labels) && named.every(([, index]) => isIndex(String(index)) && typeof index === 'number'))
    return named.map(([name, index]) => ({ index: Number(index), name }));
  return named.map(([key, entry]) => {
    const { id, name } = described(key, entry);
    if (!isIndex(id)) throw labelsInvalid(fileName, undefined, `"${id}" is no index`);
    if (typeof name !== 'string') throw labelsInvalid(fileName, undefined, `the label of index ${id} is no text`);
    return { index: Number(id), name };
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object';
const isIndex = (text: string): boolean => /^(0|[1-9]\d{0,8})$/.test(text);

function described(key: string, entry: unknown): { id: string; name: unknown } {
  if (Array.isArray(entry) && entry.length === 2) return { id: key, name: entry[1] };
  if (isObject(entry) && typeof entry.id === 'number') return { id: String(entry.id), name: entry.name };
  return { id: key, name: entry };
}

function parse(text: string, fileName: string): unknown {
  if (text.trim() === '') return [];
  try {
    return JSON.parse(text);
  } catch (error) {
    throw labelsInvalid(fileName, lineOf(text, error), 'not JSON', error);
  }
}

/** The engine tells the position of most errors, in its message. */
function lineOf(text: string, error: unknown): number | undefined {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  return position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length;
}
