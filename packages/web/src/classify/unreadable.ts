import type { Picture } from './picture.ts';

/** The ids of those whose files this browser cannot read any more. */
export async function unreadableOf(pictures: readonly Picture[]): Promise<number[]> {
  const read = pictures.map(({ id, file }) =>
    file
      .slice(0, 1)
      .arrayBuffer()
      .then(
        () => [],
        () => [id],
      ),
  );
  return (await Promise.all(read)).flat();
}
