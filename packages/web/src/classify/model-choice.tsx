import type { Choice } from './choices.ts';

interface ModelChoiceProps {
  choices: readonly Choice[];
  models: readonly string[];
  onChange: (models: readonly string[]) => void;
}

/** Which model answers, and which one it is compared to. Shown where there is a choice. */
export const ModelChoice = ({ choices, models, onChange }: ModelChoiceProps) => {
  const [first = '', second] = models;
  const chosenIn = (event: Event): string => (event.currentTarget as HTMLSelectElement).value;
  return (
    <div class="row choices">
      <label class="inline-field">
        Model
        <select
          value={first}
          onChange={(event) => {
            const chosen = chosenIn(event);
            onChange(second === undefined || second === chosen ? [chosen] : [chosen, second]);
          }}
        >
          {choices.map(({ reference, name }) => (
            <option key={reference} value={reference}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="inline-field">
        Compare with
        <select
          value={second === undefined ? 'none' : `+${second}`}
          onChange={(event) => {
            const chosen = chosenIn(event);
            onChange(chosen === 'none' ? [first] : [first, chosen.slice(1)]);
          }}
        >
          <option value="none">nothing</option>
          {choices
            .filter(({ reference }) => reference !== first)
            .map(({ reference, name }) => (
              <option key={reference} value={`+${reference}`}>
                {name}
              </option>
            ))}
        </select>
      </label>
    </div>
  );
};
