import type { GraphComparison } from '@rookery/optimizer';
import type { Changed } from './recipe.ts';
import { percent } from './report-text.ts';

/** What fell short of the agreement that was asked for, for people; undefined where nothing did, or nothing was asked. */
export function missedAgreement(
  asked: Changed['asked'],
  { stable, sources }: Pick<GraphComparison['agreement'], 'stable' | 'sources'>,
): string | undefined {
  if (!asked) return undefined;
  const { wanted, reached } = asked;
  const short = [
    ...(reached < wanted ? [`${percent(reached)} of the pictures it was made with`] : []),
    ...(stable < wanted ? [`${percent(stable)} of ${sources} different pictures to check`] : []),
  ];
  return short.length > 0 ? `${short.join(' and ')} kept their label, ${percent(wanted)} were asked for` : undefined;
}
