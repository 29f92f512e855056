import type { Outcome, Picture } from './picture.ts';

interface Row {
  picture: string;
  model: string;
  predictions?: { label: string; index: number; score: number }[];
  error?: { code: string; message: string };
}

/** What is known of the pictures, one row for each picture and model that answered. */
export function rowsOf(pictures: readonly Picture[]): Row[] {
  return pictures.flatMap(({ name, outcomes }) =>
    Object.entries(outcomes).flatMap(([model, outcome]) => {
      const row = rowOf(name, model, outcome);
      return row ? [row] : [];
    }),
  );
}

function rowOf(picture: string, model: string, outcome: Outcome): Row | undefined {
  if (outcome.state === 'labelled') return { picture, model: outcome.model, predictions: [...outcome.predictions] };
  if (outcome.state === 'failed') return { picture, model, error: { code: outcome.code, message: outcome.text } };
  return undefined;
}

export const asJson = (pictures: readonly Picture[]): string => `${JSON.stringify(rowsOf(pictures), null, 2)}\n`;

/** One line for each label. */
export function asCsv(pictures: readonly Picture[]): string {
  const lines = rowsOf(pictures).flatMap(({ picture, model, predictions, error }) =>
    error
      ? [[picture, model, '', '', '', error.code]]
      : (predictions ?? []).map(({ label, score }, at) => [picture, model, at + 1, label, score, '']),
  );
  return [['picture', 'model', 'rank', 'label', 'score', 'error'], ...lines]
    .map((line) => `${line.map(cell).join(',')}\r\n`)
    .join('');
}

/** For the clipboard: a table that spreadsheets and people read. */
export const asText = (pictures: readonly Picture[]): string =>
  rowsOf(pictures)
    .map(({ picture, predictions, error }) => {
      const [best] = predictions ?? [];
      return `${picture}\t${best ? `${best.label}\t${best.score}` : (error?.message ?? '')}`;
    })
    .join('\n');

/** Quoted where it must be (RFC 4180), and never taken for a formula by a spreadsheet. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
