import type { ExplanationView, Prediction } from '@rookery/contracts';
import type { Explanation } from '@rookery/inference';

/** Four decimals: more than a picture laid over another shows. */
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** The maps of a picture as they are answered. */
export function explanationView(explanation: Explanation, predictions: readonly Prediction[]): ExplanationView {
  const { method, columns, rows, area, error, maps } = explanation;
  return {
    method,
    columns,
    rows,
    area,
    error: rounded(error),
    maps: maps.map(({ index, heat }, place) => ({
      label: predictions[place]?.label ?? '',
      index,
      cells: Array.from(heat, rounded),
    })),
  };
}
