import { percent } from './format.ts';

interface Labelled {
  readonly label: string;
  readonly score: number;
}

/** Labels with their scores, each with a bar. The first is the answer. */
export const Bars = ({ predictions }: { predictions: readonly Labelled[] }) => (
  <ol class="bars">
    {predictions.map(({ label, score }) => (
      <li key={label}>
        <span class="bar-label" title={label}>
          {label}
        </span>
        <span class="bar-score">{percent(score)}</span>
        <span class="bar" style={{ '--share': score }} />
      </li>
    ))}
  </ol>
);
