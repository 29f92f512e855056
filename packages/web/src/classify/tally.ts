import type { Outcome, Picture } from './picture.ts';

/** How many pictures have every answer, an answer that is an error, none yet; and of those with every answer, how many have one label. */
export function tallyOf(pictures: readonly Picture[], models: readonly string[]) {
  const tally = { waiting: 0, labelled: 0, failed: 0, agreed: 0, retryable: 0 };
  for (const picture of pictures) {
    const outcomes = models.map((model) => picture.outcomes[model]);
    if (outcomes.some((outcome) => outcome?.state === 'failed')) tally.failed++;
    else if (outcomes.every((outcome) => outcome?.state === 'labelled')) tally.labelled++;
    else tally.waiting++;
    if (outcomes.some((outcome) => outcome?.state === 'failed' && isWorthAnotherTry(outcome.code))) tally.retryable++;
    if (outcomes.every((outcome) => outcome?.state === 'labelled') && !differs(picture, models)) tally.agreed++;
  }
  return tally;
}

/** Whether two models have both answered, with different first labels. */
export function differs({ outcomes }: Picture, models: readonly string[]): boolean {
  const [first, second] = models.map((model) => bestOf(outcomes[model]));
  return first !== undefined && second !== undefined && first !== second;
}

const bestOf = (outcome: Outcome | undefined): string | undefined =>
  outcome?.state === 'labelled' ? outcome.predictions[0]?.label : undefined;

/** Whether asking again may help; it does not where the error lies in the picture itself. */
export const isWorthAnotherTry = (code: string): boolean =>
  !/^(PICTURE_|UNSUPPORTED_|SCORE_|REQUEST_TOO_LARGE|SOURCE_TOO)/.test(code);
