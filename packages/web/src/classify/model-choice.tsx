import type { ModelInfo } from '@rookery/client';

export interface Choice {
  readonly reference: string;
  readonly name: string;
}

/** What may be asked: each model by its name, its other versions by theirs. The service's own comes first and has no name here. */
export function choicesOf(models: readonly ModelInfo[]): Choice[] {
  const sorted = [...models].sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
  return sorted.flatMap(({ name, isDefault, current, aliases, versions }) => {
    const others = versions
      .filter(({ version }) => version !== current)
      .map(({ version }) => {
        const alias = Object.entries(aliases).find(([, named]) => named === version)?.[0];
        return alias
          ? { reference: `${name}:${alias}`, name: `${name} · ${alias}` }
          : { reference: `${name}@${version}`, name: `${name} · ${version.slice(0, 8)}` };
      });
    return [{ reference: isDefault ? '' : name, name }, ...others];
  });
}

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
