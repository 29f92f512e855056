import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { announce } from '../app/announcer.tsx';
import { useApp } from '../app/context.ts';
import { useStore } from '../app/store.ts';
import { counted } from '../ui/format.ts';
import { useDrop } from '../ui/use-drop.ts';
import { useLoad } from '../ui/use-load.ts';
import { choicesOf } from './choices.ts';
import { ChooseButtons } from './choose-buttons.tsx';
import { Hero } from './hero.tsx';
import { ModelChoice } from './model-choice.tsx';
import { PictureCard } from './picture-card.tsx';
import { PictureDialog } from './picture-dialog.tsx';
import { Summary } from './summary.tsx';
import { differs, tallyOf } from './tally.ts';

/** The start: pictures in, labels out. */
export const ClassifyView = () => {
  const { client, pictures: queue } = useApp();
  const pictures = useStore(queue.pictures);
  const models = useStore(queue.models);
  const [opened, setOpened] = useState<number>();
  const [onlyDiffering, setOnlyDiffering] = useState(false);
  const listed = onlyDiffering && models.length > 1 ? pictures.filter((picture) => differs(picture, models)) : pictures;
  const over = useDrop((files) => queue.add(files));
  const registry = useLoad(() => client.models.list());
  const choices = useMemo(() => choicesOf(registry.data ?? []), [registry.data]);
  const nameOf = useCallback(
    (model: string): string => choices.find(({ reference }) => reference === model)?.name ?? (model || 'model'),
    [choices],
  );

  const { waiting, labelled, failed } = tallyOf(pictures, models);
  const wasBusy = useRef(false);
  useEffect(() => {
    if (waiting === 0 && wasBusy.current && pictures.length > 0) {
      announce(`${counted(labelled, 'picture')} labelled${failed > 0 ? `, ${failed} could not be` : ''}`);
    }
    wasBusy.current = waiting > 0;
  }, [waiting]);

  const at = listed.findIndex(({ id }) => id === opened);
  const shown = listed[at];
  const step = (by: -1 | 1) => {
    const next = listed[at + by];
    return next && (() => setOpened(next.id));
  };
  const actions = useMemo(
    () => ({
      open: setOpened,
      remove: (id: number) => {
        const position = queue.pictures.get().findIndex((picture) => picture.id === id);
        queue.remove(id);
        // The button that had the focus is gone: its neighbour's takes over.
        requestAnimationFrame(() => {
          const buttons = document.querySelectorAll<HTMLElement>('.picture .remove');
          (buttons[Math.min(position, buttons.length - 1)] ?? document.getElementById('main'))?.focus();
        });
      },
    }),
    [queue],
  );

  const choice = choices.length > 1 && (
    <ModelChoice choices={choices} models={models} onChange={(chosen) => queue.ask(chosen)} />
  );
  if (pictures.length === 0) return <Hero over={over} onFiles={(files) => queue.add(files)} choice={choice} />;
  return (
    <div class={over ? 'classify over' : 'classify'}>
      <div class="view-head">
        <h1>Pictures</h1>
        {choice}
        <ChooseButtons onFiles={(files) => queue.add(files)} />
      </div>
      <Summary
        pictures={pictures}
        models={models}
        queue={queue}
        onlyDiffering={onlyDiffering}
        onOnlyDiffering={setOnlyDiffering}
      />
      <ul class={models.length > 1 ? 'pictures wide' : 'pictures'}>
        {listed.map((picture) => (
          <PictureCard key={picture.id} picture={picture} models={models} nameOf={nameOf} actions={actions} />
        ))}
      </ul>
      {shown && (
        <PictureDialog
          picture={shown}
          models={models}
          nameOf={nameOf}
          step={step}
          onClose={() => setOpened(undefined)}
        />
      )}
      {over && (
        <p class="drop-here" aria-hidden="true">
          Drop to add
        </p>
      )}
    </div>
  );
};
