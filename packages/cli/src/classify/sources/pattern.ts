import { glob } from 'tinyglobby';

/** Files that match, in the order of their names; the pattern itself where none does, so that it gets its error. */
export async function expandPattern(pattern: string, cwd: string): Promise<readonly string[]> {
  const found = await glob(pattern, {
    cwd,
    onlyFiles: false,
    onlyDirectories: false,
    followSymbolicLinks: false,
    expandDirectories: false,
  });
  const names = found.filter((name) => !name.endsWith('/'));
  return names.length === 0 ? [pattern] : names.sort();
}
