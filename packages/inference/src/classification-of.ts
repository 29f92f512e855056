import type { Preprocessing } from '@rookery/contracts';
import type { Classification } from './classifier.ts';
import type { Explanation } from './explain/explanation.ts';
import { pictureArea } from './explain/picture-area.ts';
import type { Answer, ExplainedAnswer } from './messages.ts';

/** What the threads answered, with names; `undefined` where a score is no number. */
export function classificationOf(
  answer: Answer,
  labels: readonly string[],
  preprocessing: Preprocessing,
): Classification | undefined {
  const { width, height, look, indices, scores, all, explained, timings } = answer;
  if (indices.length === 0) return undefined;
  const predictions = indices.map((index, place) => ({
    label: labels[index] as string,
    index,
    score: scores[place] as number,
  }));
  const explanation = explained && explanationOf(explained, answer, preprocessing);
  const besides = { ...(all && { scores: all }), ...(explanation && { explanation }) };
  return { width, height, predictions, ...besides, look, timings };
}

function explanationOf(
  { maps, ...rest }: ExplainedAnswer,
  { width, height, indices }: Answer,
  preprocessing: Preprocessing,
): Explanation {
  const area = pictureArea(width, height, preprocessing);
  return { ...rest, area, maps: maps.map((heat, place) => ({ index: indices[place] as number, heat })) };
}
