import type { LinesQuery } from '@rookery/client';

/** The filter that the address holds. */
export function queryOf(query: URLSearchParams): LinesQuery {
  const outcome = query.get('outcome');
  const found: LinesQuery = {};
  if (outcome === 'failed' || outcome === 'labelled') found.outcome = outcome;
  for (const name of ['label', 'code', 'search'] as const) {
    const value = query.get(name);
    if (value) found[name] = value;
  }
  const score = Number(query.get('score'));
  if (score > 0 && score <= 1) found.maxScore = score;
  return found;
}
