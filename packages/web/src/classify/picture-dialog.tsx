import { useState } from 'preact/hooks';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { bytes, fileName } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { asJson } from './export.ts';
import { Heat, type Seen } from './heat.tsx';
import { Look } from './look.tsx';
import type { Picture } from './picture.ts';
import { OutcomeText, Thumbnail } from './picture-card.tsx';

interface PictureDialogProps {
  picture: Picture;
  models: readonly string[];
  nameOf: (model: string) => string;
  /** Goes to the picture before (-1) or after (1); undefined where there is none. */
  step: (by: -1 | 1) => (() => void) | undefined;
  onClose: () => void;
}

/** One picture, large, with all of its labels. Arrow keys go on to its neighbours. */
export const PictureDialog = ({ picture, models, nameOf, step, onClose }: PictureDialogProps) => {
  const name = fileName(picture.name);
  // For one picture and model: the next picture is shown without it.
  const [looked, setLooked] = useState<{ of: string; seen: Seen | undefined }>();
  const size = Object.values(picture.outcomes).find((outcome) => outcome.state === 'labelled')?.size;
  const keyOf = (model: string): string => `${picture.id} ${model}`;
  const onKeyDown = ({ key }: KeyboardEvent): void => {
    if (key === 'ArrowLeft') step(-1)?.();
    if (key === 'ArrowRight') step(1)?.();
  };
  return (
    <Dialog title={name} wide onClose={onClose} onKeyDown={onKeyDown}>
      <div class="closely">
        <figure>
          <span class="heated">
            <Thumbnail key={picture.id} url={picture.url} alt={name} />
            {models.map((model) => looked?.of === keyOf(model) && looked.seen && <Heat key={model} {...looked.seen} />)}
          </span>
        </figure>
        <div class="closely-text">
          <p class="muted small">{[size, bytes(picture.file.size)].filter(Boolean).join(' · ')}</p>
          {models.map((model) => (
            <div key={model}>
              {models.length > 1 && <p class="model-name">{nameOf(model)}</p>}
              <OutcomeText outcome={picture.outcomes[model]} name={name} all />
              {picture.outcomes[model]?.state === 'labelled' && (
                <Look
                  key={keyOf(model)}
                  file={picture.file}
                  model={model}
                  seen={looked?.of === keyOf(model) ? looked.seen : undefined}
                  onSeen={(seen) => setLooked({ of: keyOf(model), seen })}
                />
              )}
            </div>
          ))}
          <div class="row end">
            <CopyButton text={() => asJson([picture])} what="the labels as JSON">
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

/** Can have the focus even where there is nothing to go to, so that the focus is not lost. */
export const StepButton = ({
  label,
  icon,
  onClick,
}: {
  label: string;
  icon: 'back' | 'forward';
  onClick: (() => void) | undefined;
}) => (
  <button type="button" class="icon-button" aria-label={label} aria-disabled={!onClick} onClick={() => onClick?.()}>
    <Icon name={icon} />
  </button>
);
