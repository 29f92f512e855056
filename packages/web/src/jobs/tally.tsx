import { useState } from 'preact/hooks';
import { replaceQuery } from '../app/router.ts';
import { count } from '../ui/format.ts';

interface TallyProps {
  title: string;
  tally: Readonly<Record<string, number>>;
  /** The filter that choosing a line sets. */
  name: 'label' | 'code';
  query: URLSearchParams;
  wordsOf?: (key: string) => string;
}

const fewest = 6;

/** How many pictures of each kind, most first; a line shows only these. */
export const Tally = ({ title, tally, name, query, wordsOf = (key) => key }: TallyProps) => {
  const [all, setAll] = useState(false);
  const sorted = Object.entries(tally).sort(([, a], [, b]) => b - a);
  const most = sorted[0]?.[1] ?? 1;
  const chosen = query.get(name);
  const choose = (key: string): void => {
    const next = new URLSearchParams(query);
    next.delete(name === 'label' ? 'code' : 'label');
    next.delete('outcome');
    if (key === chosen) next.delete(name);
    else next.set(name, key);
    replaceQuery(next);
  };
  return (
    <section class={`tally ${name}`} aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {(all ? sorted : sorted.slice(0, fewest)).map(([key, pictures]) => (
          <li key={key}>
            <button type="button" aria-pressed={key === chosen} onClick={() => choose(key)}>
              <span class="bar-label" title={key}>
                {wordsOf(key)}
              </span>
              <span class="bar" style={{ '--share': pictures / most }} />
              <span class="bar-score">{count(pictures)}</span>
            </button>
          </li>
        ))}
      </ul>
      {sorted.length > fewest && (
        <button type="button" class="link small" onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `All ${count(sorted.length)}`}
        </button>
      )}
    </section>
  );
};
