import type { Prediction } from '@rookery/contracts';

/** `--save-labels`: a line a label, `0.83 Alauda arvensis`. */
export const labelsText = (predictions: readonly Prediction[]): string =>
  predictions.map(({ label, score }) => `${score.toFixed(2)} ${label.replace(/\s+/g, ' ')}\n`).join('');
