/** Bins of about equal share that a stability index is computed in, as is usual. */
const coarseBins = 10;
/** A class with fewer pictures, of both sides together, is counted with the other rare ones. */
const leastShare = 0.02;
const leastClasses = 40;

/** Bins put together so that each holds about a tenth of the reference. Which are the reference's alone: the window does not choose. */
export function coarse(reference: readonly number[], window: readonly number[]): [number[], number[]] {
  const total = sum(reference);
  const merged: [number[], number[]] = [[], []];
  let [before, now, seen] = [0, 0, 0];
  for (const [bin, count] of reference.entries()) {
    before += count;
    now += window[bin] ?? 0;
    seen += count;
    const isLast = bin === reference.length - 1;
    // The rest must be worth a bin of its own.
    const closes = before * coarseBins >= total && (total - seen) * coarseBins * 2 >= total;
    if (!isLast && !(closes && before > 0)) continue;
    merged[0].push(before);
    merged[1].push(now);
    [before, now] = [0, 0];
  }
  return merged;
}

/**
 * Counts by class in one order, classes that are rare in both together as one: chosen by their sum, which says nothing of a difference. At
 * most `leastClasses` of their own.
 */
export function coarseClasses(
  reference: Readonly<Record<string, number>>,
  window: Readonly<Record<string, number>>,
): [number[], number[]] {
  const before = new Map(Object.entries(reference));
  const now = new Map(Object.entries(window));
  const [n, m] = [sum([...before.values()]), sum([...now.values()])];
  const share = (label: string): number =>
    (before.get(label) ?? 0) / Math.max(1, n) + (now.get(label) ?? 0) / Math.max(1, m);
  const labels = [...new Set([...before.keys(), ...now.keys()])].sort(
    (a, b) => share(b) - share(a) || (a < b ? -1 : 1),
  );
  const own = labels.filter((label) => share(label) >= leastShare).slice(0, leastClasses);
  const [ownBefore, ownNow] = [own.map((label) => before.get(label) ?? 0), own.map((label) => now.get(label) ?? 0)];
  const [restBefore, restNow] = [n - sum(ownBefore), m - sum(ownNow)];
  return restBefore + restNow > 0
    ? [
        [...ownBefore, restBefore],
        [...ownNow, restNow],
      ]
    : [ownBefore, ownNow];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
