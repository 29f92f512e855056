import { type LabelEntry, labelsInvalid } from './label-entry.ts';

/** `["a", "b"]`, or `{ "0": "a", "1": "b" }`. */
export function readJson(text: string, fileName: string): LabelEntry[] {
  const value = parse(text, fileName);
  if (value === null || typeof value !== 'object')
    throw labelsInvalid(fileName, undefined, 'it should be an array of labels, or an object from index to label');
  return Object.entries(value).map(([key, name]: [string, unknown]) => {
    if (!/^(0|[1-9]\d{0,8})$/.test(key)) throw labelsInvalid(fileName, undefined, `"${key}" is no index`);
    if (typeof name !== 'string') throw labelsInvalid(fileName, undefined, `the label of index ${key} is no text`);
    return { index: Number(key), name };
  });
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
