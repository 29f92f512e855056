/**
 * Entropy of a picture's scores, from 0 (sure) to 1 (as unsure as so many classes allow). Only the best few are known: what is left of one is
 * taken to be one more class. That is the least that the entropy can be, and of use only against windows that kept as many labels.
 */
export function entropyOf(scores: readonly number[]): number {
  let [sum, nats] = [0, 0];
  for (const score of scores) {
    sum += score;
    if (score > 0) nats -= score * Math.log(score);
  }
  const rest = 1 - sum;
  if (rest > 1e-6) nats -= rest * Math.log(rest);
  return Math.max(0, Math.min(1, nats / Math.log(scores.length + 1)));
}
