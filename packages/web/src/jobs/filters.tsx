import { useEffect, useRef, useState } from 'preact/hooks';
import { replaceQuery } from '../app/router.ts';
import { Icon } from '../ui/icon.tsx';
import { wordsOfCode } from '../ui/words.ts';

/** Which results are shown. Kept in the address, so that it survives a reload and can be sent to others. */
export const Filters = ({ query }: { query: URLSearchParams }) => {
  const change = (name: string, value: string): void => {
    const next = new URLSearchParams(query);
    if (value === '') next.delete(name);
    else next.set(name, value);
    replaceQuery(next);
  };
  const narrowed = ['label', 'code'].flatMap((name) => {
    const value = query.get(name);
    return value ? [{ name, value }] : [];
  });
  return (
    <search class="row filters">
      <Search value={query.get('search') ?? ''} onSearch={(text) => change('search', text)} />
      <label class="inline-field">
        Show
        <select
          value={query.get('outcome') ?? ''}
          onChange={(event) => change('outcome', (event.currentTarget as HTMLSelectElement).value)}
        >
          <option value="">all</option>
          <option value="labelled">with labels</option>
          <option value="failed">with errors</option>
        </select>
      </label>
      <label class="inline-field">
        Score
        <select
          value={query.get('score') ?? ''}
          onChange={(event) => change('score', (event.currentTarget as HTMLSelectElement).value)}
        >
          <option value="">any</option>
          <option value="0.9">below 90 %</option>
          <option value="0.7">below 70 %</option>
          <option value="0.5">below 50 %</option>
        </select>
      </label>
      {narrowed.map(({ name, value }) => (
        <button
          key={name}
          type="button"
          class="chip-button"
          onClick={() => change(name, '')}
          aria-label={`No longer only ${name === 'code' ? wordsOfCode(value) : value}`}
        >
          {name === 'code' ? wordsOfCode(value) : value} <Icon name="close" />
        </button>
      ))}
    </search>
  );
};

/** Searches while one types, not at each key. */
const Search = ({ value, onSearch }: { value: string; onSearch: (text: string) => void }) => {
  const [text, setText] = useState(value);
  const known = useRef(value);
  useEffect(() => {
    if (value !== known.current) setText(value);
    known.current = value;
  }, [value]);
  useEffect(() => {
    if (text === known.current) return;
    const timer = setTimeout(() => {
      known.current = text;
      onSearch(text);
    }, 300);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label class="search-field">
      <Icon name="search" />
      <span class="unseen">Search names</span>
      <input
        type="search"
        placeholder="Search names"
        value={text}
        onInput={(event) => setText((event.currentTarget as HTMLInputElement).value)}
      />
    </label>
  );
};
