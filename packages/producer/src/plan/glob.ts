import picomatch from 'picomatch';

/** What `.` and `..` mean is taken out of a pattern: keys have neither, and so nothing would match. What leads out of the prefix stays. */
function normalGlob(glob: string): string {
  const segments: string[] = [];
  for (const segment of glob.split('/')) {
    const last = segments.at(-1);
    if (segment === '.') continue;
    // What a pattern in a segment stands for is not known.
    if (segment === '..' && last !== undefined && last !== '..' && !/[*?[\]{}()!+@\\]/.test(last)) segments.pop();
    else segments.push(segment);
  }
  return segments.join('/');
}

/** Whether a pattern leads out of the prefix, or back from a pattern: it matches no key. */
export const isGlobOutside = (glob: string): boolean => normalGlob(glob).split('/').includes('..');

/** Tests what comes after the prefix; with `byName` a pattern without `/` is about the file's name alone. */
export const globMatcher = (glob: string, { byName = false } = {}): ((path: string) => boolean) =>
  picomatch(normalGlob(glob), { basename: byName && !glob.includes('/'), dot: true });
