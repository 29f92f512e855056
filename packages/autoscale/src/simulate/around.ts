/** Around `mean`, log-normal with about this relative spread: what durations of computers look like. */
export function around(mean: number, spread: number, random: () => number): number {
  if (spread === 0) return mean;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return mean * Math.exp(spread * normal - (spread * spread) / 2);
}
