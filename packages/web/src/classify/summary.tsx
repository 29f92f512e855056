import { CopyButton } from '../ui/copy-button.tsx';
import { count, counted } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { Progress } from '../ui/progress.tsx';
import { saveFile } from '../ui/save-file.ts';
import type { ClassifyQueue } from './classify-queue.ts';
import { asCsv, asJson, asText } from './export.ts';
import type { Picture } from './picture.ts';
import { tallyOf } from './tally.ts';

interface SummaryProps {
  pictures: readonly Picture[];
  models: readonly string[];
  queue: ClassifyQueue;
  onlyDiffering: boolean;
  onOnlyDiffering: (only: boolean) => void;
}

/** The progress of all pictures, and what can be done with the answers. */
export const Summary = ({ pictures, models, queue, onlyDiffering, onOnlyDiffering }: SummaryProps) => {
  const { waiting, labelled, failed, agreed, retryable } = tallyOf(pictures, models);
  const done = labelled + failed;
  const save = (ending: string, type: string, textOf: (pictures: readonly Picture[]) => string) => () =>
    saveFile(`labels.${ending}`, type, textOf(pictures));
  return (
    <div class="summary">
      <div class="row summary-text">
        <p>
          {waiting > 0 && `${count(done)} of `}
          {counted(pictures.length, 'picture')}
        </p>
        {failed > 0 && (
          <p class="bad-text">
            {count(failed)} without an answer{' '}
            {retryable > 0 && (
              <button type="button" class="link" onClick={() => queue.retry()}>
                Try again
              </button>
            )}
          </p>
        )}
        {models.length > 1 && labelled > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={onlyDiffering}
              onChange={(event) => onOnlyDiffering((event.currentTarget as HTMLInputElement).checked)}
            />
            Only the {count(labelled - agreed)} where they differ
          </label>
        )}
      </div>
      <div class="row">
        <button type="button" class="button" disabled={done === 0} onClick={save('json', 'application/json', asJson)}>
          <Icon name="download" /> JSON
        </button>
        <button type="button" class="button" disabled={done === 0} onClick={save('csv', 'text/csv', asCsv)}>
          <Icon name="download" /> CSV
        </button>
        <CopyButton text={() => asText(pictures)} what="all labels as a table" disabled={done === 0}>
          Copy
        </CopyButton>
        <button type="button" class="button" onClick={() => queue.clear()}>
          <Icon name="close" /> Clear
        </button>
      </div>
      <div class="summary-line">{waiting > 0 && <Progress label="All pictures" share={done / pictures.length} />}</div>
    </div>
  );
};
