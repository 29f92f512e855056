import type { JobView, LinesQuery, ResultLine } from '@rookery/client';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp } from '../app/context.ts';
import { useStore } from '../app/store.ts';
import { Empty } from '../ui/empty.tsx';
import { count } from '../ui/format.ts';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { wordsOf } from '../ui/words.ts';
import { GalleryCard } from './gallery-card.tsx';
import { GalleryLines } from './gallery-lines.ts';
import { isOver } from './job-state.tsx';
import { noResults } from './no-results.ts';
import { ResultDialog } from './result-dialog.tsx';
import { useLayout } from './use-layout.ts';

/** Every picture of a job that the filter lets through. However many there are, only those in sight are drawn. */
export const Gallery = ({ job, query }: { job: JobView; query: LinesQuery }) => {
  const { client } = useApp();
  const asked = JSON.stringify(query);
  const source = useMemo(() => new GalleryLines(client, job.id, query), [client, job.id, asked]);
  const { lines, positions, atEnd, loading, error } = useStore(source.state);
  const grid = useRef<HTMLUListElement>(null);
  const { columns, rowHeight, firstRow, endRow } = useLayout(grid);
  const [focused, setFocused] = useState(0);
  const [opened, setOpened] = useState<number>();

  useEffect(() => () => source.stop(), [source]);
  useEffect(() => source.want((endRow + 6) * columns), [source, endRow, columns]);
  useEffect(() => setFocused(0), [source]);

  const over = isOver(job);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current && !over) source.refresh();
  }, [job.pictures.done]);
  useEffect(() => {
    if (!first.current && over) source.restart();
    first.current = false;
  }, [over]);

  const urlOf = (at: number, size: number): string =>
    client.jobs.pictureUrl(job.id, { key: lines[at]?.key ?? '', at: positions[at], size });
  const rows = Math.ceil(lines.length / columns);
  const shown: number[] = [];
  for (let at = firstRow * columns; at < Math.min(lines.length, endRow * columns); at++) shown.push(at);
  // The one that Tab leads to must be there, wherever the page is scrolled.
  const tabStop = shown.includes(focused) ? focused : shown[0];

  const moveFocus = (event: KeyboardEvent, at: number): void => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? lines.length - 1 : at + (steps[event.key] ?? 0);
    if (to === at || to < 0 || to >= lines.length) return;
    event.preventDefault();
    setFocused(to);
    const top = grid.current?.getBoundingClientRect().top ?? 0;
    const y = Math.floor(to / columns) * rowHeight + top;
    if (y < 80) scrollBy(0, y - 80);
    if (y + rowHeight > innerHeight - 80) scrollBy(0, y + rowHeight - innerHeight + 80);
    // Two frames: one to draw the row, one until it is there.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        grid.current?.querySelector<HTMLElement>(`[data-at="${to}"]`)?.focus({ preventScroll: true }),
      ),
    );
  };

  const line = opened === undefined ? undefined : lines[opened];
  const step = (by: -1 | 1) => {
    const to = (opened ?? 0) + by;
    return lines[to] && (() => setOpened(to));
  };
  return (
    <>
      <ul
        ref={grid}
        class="gallery"
        aria-label="Pictures"
        style={{ '--columns': columns, '--row': `${rowHeight}px`, '--height': `${rows * rowHeight}px` }}
      >
        {shown.map((at) => (
          <GalleryCard
            key={at}
            at={at}
            of={atEnd ? lines.length : -1}
            line={lines[at] as ResultLine}
            url={urlOf(at, 320)}
            column={at % columns}
            row={Math.floor(at / columns)}
            tabStop={at === tabStop}
            onFocus={() => setFocused(at)}
            onOpen={() => setOpened(at)}
            onKeyDown={(event) => moveFocus(event, at)}
          />
        ))}
      </ul>
      {error !== undefined && (
        <Notice kind="error">
          {wordsOf(error)}{' '}
          <button type="button" class="link" onClick={() => source.retry()}>
            Try again
          </button>
        </Notice>
      )}
      {loading && lines.length === 0 && <Loading what="results" />}
      {!loading && atEnd && lines.length === 0 && (
        <Empty icon="picture" {...noResults(job.state, Object.keys(query).length > 0)} />
      )}
      {atEnd && lines.length > 0 && <p class="muted small gallery-end">{count(lines.length)} shown</p>}
      {line && (
        <ResultDialog line={line} url={urlOf(opened ?? 0, 1024)} step={step} onClose={() => setOpened(undefined)} />
      )}
    </>
  );
};
