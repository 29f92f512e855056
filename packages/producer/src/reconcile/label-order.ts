import { compareUtf8 } from '@rookery/storage';

/**
 * Objects in the order of `key + '.json'`, which is that of their labels, from objects in the order of their keys. The two differ only
 * where one key begins with another (`a`, `a-b`: `a-b.json` comes before `a.json`), so what is held back is a chain of keys of which each
 * begins with the one before: no more than a key has characters.
 */
export async function* inLabelOrder<T extends { readonly key: string }>(objects: AsyncIterable<T>): AsyncGenerator<T> {
  const held: T[] = [];
  for await (const object of objects) {
    const name = `${object.key}.json`;
    // Of the held ones, the last has the smallest name: each begins with those before it and comes before them.
    while (held.length > 0) {
      const last = held[held.length - 1];
      if (!last || compareUtf8(`${last.key}.json`, name) > 0) break;
      yield last;
      held.pop();
    }
    held.push(object);
  }
  for (let last = held.pop(); last; last = held.pop()) yield last;
}
