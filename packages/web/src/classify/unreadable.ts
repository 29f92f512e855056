import type { Picture } from './picture.ts';

/** The ids of the pictures whose files this browser can no longer read. */
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
