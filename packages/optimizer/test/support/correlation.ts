/** Pearson's; not a number where one of the two is the same everywhere. */
export function correlation(one: Float32Array, two: Float32Array): number {
  const centred = (values: Float32Array) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [a, b] = [centred(one), centred(two)];
  const product = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, n) => sum + value * (y[n] ?? 0), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}
