import { useId, useState } from 'preact/hooks';
import { useApp } from '../app/context.ts';
import { wordsOf } from '../ui/words.ts';
import type { Seen } from './heat.tsx';

interface LookProps {
  file: File;
  model: string;
  seen: Seen | undefined;
  onSeen: (seen: Seen | undefined) => void;
}

/** Asks where a model looked, for which label and how strongly it is shown. */
export const Look = ({ file, model, seen, onSeen }: LookProps) => {
  const { client } = useApp();
  const [state, setState] = useState('');
  const id = useId();
  const ask = async (): Promise<void> => {
    setState('Looking…');
    try {
      const { images } = await client.classify([file], { top: 5, explain: true, ...(model && { model }) });
      const explanation = images[0]?.explanation;
      if (explanation) onSeen({ explanation, at: 0, strength: 0.8 });
      setState('');
    } catch (thrown) {
      setState(wordsOf(thrown));
    }
  };
  return (
    <div class="look">
      <button
        type="button"
        class="button"
        aria-pressed={!!seen}
        onClick={() => (seen ? onSeen(undefined) : void ask())}
      >
        Where it looked
      </button>
      <p class="muted small" role="status">
        {state}
      </p>
      {seen && (
        <>
          <label for={`${id}-label`}>Label</label>
          <select
            id={`${id}-label`}
            value={seen.at}
            onChange={({ currentTarget }) => onSeen({ ...seen, at: Number(currentTarget.value) })}
          >
            {seen.explanation.maps.map(({ label }, at) => (
              <option key={label} value={at}>
                {label}
              </option>
            ))}
          </select>
          <label for={`${id}-strength`}>Strength</label>
          <input
            id={`${id}-strength`}
            type="range"
            min="0"
            max="100"
            value={100 * seen.strength}
            onInput={({ currentTarget }) => onSeen({ ...seen, strength: currentTarget.valueAsNumber / 100 })}
            onKeyDown={(event) => event.stopPropagation()}
          />
        </>
      )}
    </div>
  );
};
