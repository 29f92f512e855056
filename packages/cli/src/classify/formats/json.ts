import type { Outcome } from '../picture.ts';
import type { Format } from './format.ts';

/** A picture as JSON results show it: with `predictions` or with `error`. */
export function pictureJson(outcome: Outcome): string {
  if (outcome.error) return JSON.stringify({ source: outcome.source, width: null, height: null, error: outcome.error });
  const { source, width, height } = outcome;
  const predictions = outcome.predictions.map(({ label, index, score }) => ({ label, index, score }));
  return JSON.stringify({ source, width, height, predictions });
}

/** One object, written as it comes: `{ model, images: [...], timings }`. */
export function jsonFormat(): Format {
  let first = true;
  return {
    begin: (model) => `{\n  "model": ${JSON.stringify(model)},\n  "images": [`,
    picture(outcome) {
      const separator = first ? '' : ',';
      first = false;
      return `${separator}\n    ${pictureJson(outcome)}`;
    },
    end: (timings) => `${first ? '' : '\n  '}],\n  "timings": ${JSON.stringify(timings)}\n}\n`,
  };
}

/** A line a picture. */
export const jsonlFormat = (): Format => ({
  begin: () => '',
  picture: (outcome) => `${pictureJson(outcome)}\n`,
  end: () => '',
});
