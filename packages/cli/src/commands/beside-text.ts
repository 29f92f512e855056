import type { AliasRecord, RolloutRules } from '@rookery/contracts';

export const percentText = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

/** What a canary must keep: `after 10000 pictures: errors at most 1 %, disagreement at most 5 %`. */
export function rulesText({ promoteAfter, maxErrors, maxLatencyRatio, maxDisagreement }: RolloutRules): string {
  const limits = [
    maxErrors !== undefined && `errors at most ${percentText(maxErrors)}`,
    maxLatencyRatio !== undefined && `time at most ${maxLatencyRatio} times as long`,
    maxDisagreement !== undefined && `disagreement at most ${percentText(maxDisagreement)}`,
  ].filter((each) => each !== false);
  return `after ${promoteAfter} pictures${limits.length > 0 ? `: ${limits.join(', ')}` : ''}`;
}

/** How a version stands beside the one that an alias names; nothing where it does not. */
export function standingsOf(version: string, alias: string, record: AliasRecord): { role: string; text: string }[] {
  const { canary, shadow, rules } = record;
  const standings: { role: string; text: string }[] = [];
  if (canary?.version === version) {
    const decided = rules ? `, decided ${rulesText(rules)}` : '';
    standings.push({ role: 'canary', text: `of ${alias} for ${percentText(canary.share)} of keys${decided}` });
  }
  if (shadow?.version === version)
    standings.push({ role: 'shadow', text: `of ${alias} for ${percentText(shadow.share)}` });
  return standings;
}
