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
    interval: wilson(same, outcomes.length),
    meanScoreDifference: differences.reduce((sum, each) => sum + each, 0) / differences.length,
    otherErrors: outcomes.filter(({ exact, fast }) => exact.error !== fast.error).length,
  };
}

/** Wilson's interval of a share, 95 %. Crops of one source are no independent pictures: it is narrower than it should be. */
function wilson(hits, count) {
  const z = 1.959964;
  const share = hits / count;
  const middle = (share + z ** 2 / (2 * count)) / (1 + z ** 2 / count);
  const half = (z / (1 + z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  return [middle - half, Math.min(1, middle + half)];
}
