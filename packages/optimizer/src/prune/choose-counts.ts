import { channelStep, type Studied } from './study-groups.ts';

/** How many channels each group loses: in steps of eight, always those that cost least for what they save, until the share is reached. */
export function chooseCounts(studied: readonly Studied[], share: number): number[] {
  const counts = studied.map(() => 0);
  const target = share * studied.reduce((sum, { group, perChannel }) => sum + group.channels * perChannel, 0);
  for (let saved = 0; saved < target; ) {
    let [best, price] = [-1, Infinity];
    for (const [n, { removals, perChannel }] of studied.entries()) {
      const next = removals.slice(counts[n], (counts[n] ?? 0) + channelStep);
      const cost = next.reduce((sum, removal) => sum + removal.cost, 0) / (perChannel * channelStep);
      if (next.length === channelStep && cost < price) [best, price] = [n, cost];
    }
    if (best < 0) break;
    counts[best] = (counts[best] ?? 0) + channelStep;
    saved += channelStep * (studied[best]?.perChannel ?? 0);
  }
  return counts;
}
