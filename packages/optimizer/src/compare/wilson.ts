/** The 95 % interval of a share (Wilson's): also of use for few, and for all of them. `undefined` where nothing was counted. */
export function wilson(count: number, of: number): readonly [low: number, high: number] | undefined {
  if (of === 0) return undefined;
  const z = 1.959964;
  const share = count / of;
  const centre = share + z ** 2 / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  const scale = 1 + z ** 2 / of;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
