import { type RolloutRules, wilsonInterval } from '@rookery/contracts';
import type { RolloutTally } from './rollout-tally.ts';

/** What becomes of a canary, and why. */
export interface RolloutVerdict {
  readonly what: 'promoted' | 'rolled-back';
  readonly reason: string;
}

/** Fewer times say nothing about a median. */
const leastTimes = 30;

/**
 * What the rules say about a canary by now. It goes as soon as its errors or disagreements are certainly too many (the lower end of the 95 %
 * interval), and stays once it has answered what it has to and keeps every rule. `undefined`: too early to say.
 */
export function verdictOf(tally: RolloutTally, rules: RolloutRules): RolloutVerdict | undefined {
  const { canary, compared, differed } = tally;
  const rates = [
    { what: 'failed', hits: canary.failed, of: canary.pictures, most: rules.maxErrors },
    { what: 'were labelled otherwise', hits: differed, of: compared, most: rules.maxDisagreement },
  ];
  const certain = rates.find(({ hits, of, most }) => most !== undefined && (wilsonInterval(hits, of)?.[0] ?? 0) > most);
  if (certain) return rolledBack(rateText(certain));
  const enough =
    canary.pictures >= rules.promoteAfter &&
    (rules.maxDisagreement === undefined || compared >= rules.promoteAfter) &&
    (rules.maxLatencyRatio === undefined || hasTimes(tally));
  if (!enough) return undefined;
  const broken = rates.find(({ hits, of, most }) => most !== undefined && hits / of > most);
  if (broken) return rolledBack(rateText(broken));
  const ratio = latencyRatio(tally);
  if (rules.maxLatencyRatio !== undefined && ratio !== undefined && ratio > rules.maxLatencyRatio)
    return rolledBack(`a picture took ${ratio.toFixed(2)} times as long, at most ${rules.maxLatencyRatio} is allowed`);
  const kept = rates.filter(({ most }) => most !== undefined).map(rateText);
  if (rules.maxLatencyRatio !== undefined && ratio !== undefined) kept.push(`${ratio.toFixed(2)} times the time`);
  return { what: 'promoted', reason: [`answered ${canary.pictures} pictures`, ...kept].join('; ') };
}

const rolledBack = (reason: string): RolloutVerdict => ({ what: 'rolled-back', reason });

const rateText = (rate: {
  readonly what: string;
  readonly hits: number;
  readonly of: number;
  readonly most: number | undefined;
}): string =>
  `${rate.hits} of ${rate.of} pictures ${rate.what}, at most ${Number(((rate.most ?? 0) * 100).toPrecision(6))} % may`;

const hasTimes = ({ stable, canary }: RolloutTally): boolean =>
  [stable, canary].every(({ pictures, failed }) => pictures - failed >= leastTimes);

function latencyRatio({ stable, canary }: RolloutTally): number | undefined {
  return stable.medianMs && canary.medianMs ? canary.medianMs / stable.medianMs : undefined;
}
