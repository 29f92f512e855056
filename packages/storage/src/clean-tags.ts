/** S3 allows letters, digits, spaces and these; 128 characters a name, 256 a value, ten tags. Everywhere the same, so that stores agree. */
const notAllowed = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;
const clean = (text: string, length: number): string => [...text.replace(notAllowed, '_')].slice(0, length).join('');

/** The tags as every store can hold them: what is not allowed becomes `_`, what is too long is cut, the first ten stay. */
export const cleanTags = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags)
      .slice(0, 10)
      .map(([name, value]) => [clean(name, 128), clean(value, 256)]),
  );
