import type { ResultLine } from '@rookery/client';
import { NoPreview, Thumbnail } from '../classify/picture-card.tsx';
import { StepButton } from '../classify/picture-dialog.tsx';
import { Bars } from '../ui/bars.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { bytes, fileName } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { wordsOfPicture } from '../ui/words.ts';

interface ResultDialogProps {
  line: ResultLine;
  url: string;
  step: (by: -1 | 1) => (() => void) | undefined;
  onClose: () => void;
}

/** One result, large, with all of its labels. Arrow keys go on to its neighbours. */
export const ResultDialog = ({ line, url, step, onClose }: ResultDialogProps) => {
  const facts = [line.width && line.height && `${line.width} × ${line.height}`, line.size !== null && bytes(line.size)];
  const onKeyDown = ({ key }: KeyboardEvent): void => {
    if (key === 'ArrowLeft') step(-1)?.();
    if (key === 'ArrowRight') step(1)?.();
  };
  return (
    <Dialog title={fileName(line.key)} wide onClose={onClose} onKeyDown={onKeyDown}>
      <div class="closely">
        <figure>{line.error ? <NoPreview /> : <Thumbnail key={line.key} url={url} alt={fileName(line.key)} />}</figure>
        <div class="closely-text">
          <p class="muted small">{facts.filter(Boolean).join(' · ')}</p>
          <p class="key-line">
            <code>{line.key}</code> <CopyButton text={line.key} what="the key" />
          </p>
          {line.error ? (
            <Notice kind="error">{wordsOfPicture(line.key, line.error.code, line.error.message)}</Notice>
          ) : (
            <Bars predictions={line.predictions} />
          )}
          <div class="row end">
            <CopyButton text={() => JSON.stringify(line, null, 2)} what="the result as JSON">
              Copy as JSON
            </CopyButton>
            <span class="grow" />
            <StepButton label="Picture before" icon="back" onClick={step(-1)} />
            <StepButton label="Picture after" icon="forward" onClick={step(1)} />
          </div>
        </div>
      </div>
    </Dialog>
  );
};
