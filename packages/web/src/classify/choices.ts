import type { ModelInfo } from '@rookery/client';

export interface Choice {
  readonly reference: string;
  readonly name: string;
}

/** The models to choose from: each by its name, its other versions by theirs. The service's default comes first, with an empty name. */
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
