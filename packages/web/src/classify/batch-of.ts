const mostPictures = 8;
const mostBytes = 8_000_000;

/** The first few that wait, at least one: few enough for a quick answer, enough to make a request worth while. */
export function batchOf<T extends { readonly file: { readonly size: number } }>(waiting: readonly T[]): T[] {
  const batch: T[] = [];
  let bytes = 0;
  for (const picture of waiting) {
    bytes += picture.file.size;
    if (batch.length > 0 && (batch.length >= mostPictures || bytes > mostBytes)) break;
    batch.push(picture);
  }
  return batch;
}
