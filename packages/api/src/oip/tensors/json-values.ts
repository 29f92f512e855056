import { RookeryError } from '@rookery/contracts';

/**
 * Walks through a tensor's `data` in JSON, row by row: a flat list, or lists in lists as deep as the shape.
 * @throws {RookeryError} REQUEST_INVALID where there are more or fewer than `count`, or deeper ones.
 */
export function eachValue(
  data: readonly unknown[],
  { count, rank }: { readonly count: number; readonly rank: number },
  use: (value: unknown, at: number) => void,
): void {
  let at = 0;
  const walk = (values: readonly unknown[], depth: number): void => {
    for (const value of values) {
      if (Array.isArray(value)) {
        if (depth >= rank) throw invalid(`the data are nested deeper than their shape of ${rank}`);
        walk(value, depth + 1);
        continue;
      }
      if (at === count) throw invalid(`more than the ${count} values that the shape takes`);
      use(value, at++);
    }
  };
  walk(data, 1);
  if (at < count) throw invalid(`${at} values, not the ${count} that the shape takes`);
}

const invalid = (detail: string): RookeryError => new RookeryError('REQUEST_INVALID', { detail });
