import type { Colours } from '../../ui/colours.ts';
import { printable } from '../../ui/printable.ts';
import { visibleWidth } from '../../ui/table.ts';
import type { Outcome } from '../picture.ts';
import type { Format } from './format.ts';

/** How many pictures are looked at before the width of the first column is settled. */
const settledAfter = 50;
const widestSource = 80;

/** For people: a line a label, the picture's name beside the first. */
export function tableFormat(paint: Colours): Format {
  let held: Outcome[] | undefined = [];
  let width = 0;
  const settle = (): string => {
    const outcomes = held ?? [];
    held = undefined;
    width = Math.min(widestSource, Math.max(7, ...outcomes.map(({ source }) => visibleWidth(printable(source)))));
    if (outcomes.length === 0) return '';
    return `${paint.dim(`${pad('PICTURE', width)}  SCORE  LABEL`)}\n${outcomes.map(line).join('')}`;
  };
  const line = (outcome: Outcome): string => {
    const name = pad(printable(outcome.source), width);
    if (outcome.error) return `${name}  ${paint.red(`${outcome.error.code}: ${outcome.error.message}`)}\n`;
    if (outcome.predictions.length === 0) return `${name}  ${paint.dim('nothing above the threshold')}\n`;
    return outcome.predictions
      .map(({ label, score }, at) => {
        const text = `${score.toFixed(3)}  ${printable(label)}`;
        return at === 0 ? `${name}  ${paint.bold(text)}\n` : `${' '.repeat(width)}  ${paint.dim(text)}\n`;
      })
      .join('');
  };
  return {
    begin: () => '',
    picture(outcome) {
      if (!held) return line(outcome);
      held.push(outcome);
      return held.length < settledAfter ? '' : settle();
    },
    end: () => (held ? settle() : ''),
  };
}

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - visibleWidth(text)));
