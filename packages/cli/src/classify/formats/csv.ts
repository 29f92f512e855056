import { csvRow } from '../../ui/csv-row.ts';
import type { Format } from './format.ts';

const columns = ['source', 'width', 'height', 'rank', 'index', 'label', 'score', 'error'];

/** A line for each label (RFC 4180, but with LF); a picture without labels has one line, with its error if it has one. */
export const csvFormat = (): Format => ({
  begin: () => csvRow(columns),
  picture(outcome) {
    if (outcome.error) return csvRow([outcome.source, '', '', '', '', '', '', outcome.error.code]);
    const { source, width, height, predictions } = outcome;
    if (predictions.length === 0) return csvRow([source, width, height, '', '', '', '', '']);
    return predictions
      .map(({ index, label, score }, at) => csvRow([source, width, height, at + 1, index, label, score, '']))
      .join('');
  },
  end: () => '',
});
