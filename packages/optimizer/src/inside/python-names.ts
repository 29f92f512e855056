/**
 * Labels as Python prints a dictionary from index to name, `{0: 'cat', 1: "it's a dog"}`, or a list of names; `undefined` for anything
 * else, and where an index is missing.
 */
export function parsePythonNames(text: string): string[] | undefined {
  const string = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`;
  const isDictionary = /^\s*\{/.test(text);
  const entry = new RegExp(
    isDictionary ? String.raw`\s*(\d+)\s*:\s*(${string})\s*(,|\}\s*$)` : String.raw`\s*()(${string})\s*(,|\]\s*$)`,
    'y',
  );
  const open = /^\s*[{[]/.exec(text);
  if (!open) return undefined;
  const names: string[] = [];
  entry.lastIndex = open[0].length;
  for (let match = entry.exec(text); match; match = entry.exec(text)) {
    const [, index = '', quoted = ''] = match;
    if (isDictionary && Number(index) !== names.length) return undefined;
    names.push(quoted.slice(1, -1).replace(/\\(.)/g, '$1'));
    if (entry.lastIndex === text.length) return names;
  }
  return undefined;
}
