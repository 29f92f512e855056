/**
 * The 95 % interval of a share (E. Wilson, 1927, with 1.96 standard deviations): of use also for few, for none and for all of them. `undefined`
 * where nothing was counted.
 */
export function wilsonInterval(hits: number, count: number): readonly [low: number, high: number] | undefined {
  if (count === 0) return undefined;
  const z = 1.959963984540054;
  const share = hits / count;
  const middle = (share + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half = (z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))) / (1 + (z * z) / count);
  // Exactly: what is rounded on the way must not make a share of none a little more than nothing.
  return [hits === 0 ? 0 : Math.max(0, middle - half), hits === count ? 1 : Math.min(1, middle + half)];
}
