import { wilsonInterval } from '../../../packages/contracts/dist/index.js';

/** Outcomes of the same pictures, exact and fast: how often the first label is the same. */
export function agreementOf(outcomes) {
  const same = outcomes.filter(({ exact, fast }) => exact.label === fast.label).length;
  const sources = new Set(outcomes.map(({ source }) => source)).size;
  const differences = outcomes
    .filter(({ exact }) => exact.label)
    .map(({ exact, fast }) => Math.abs(exact.score - fast.score));
  return {
    pictures: outcomes.length,
    sources,
    same,
    share: same / outcomes.length,
    // Crops of one source are no independent pictures: it is narrower than it should be.
    interval: wilsonInterval(same, outcomes.length),
    meanScoreDifference: differences.reduce((sum, each) => sum + each, 0) / differences.length,
    otherErrors: outcomes.filter(({ exact, fast }) => exact.error !== fast.error).length,
  };
}
