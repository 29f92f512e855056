import type { ResultLine } from '@rookery/client';
import { NoPreview, Thumbnail } from '../classify/picture-card.tsx';
import { fileName, percent } from '../ui/format.ts';
import { wordsOfPicture } from '../ui/words.ts';

interface GalleryCardProps {
  line: ResultLine;
  url: string;
  /** Position among all, and how many there are (-1: not known yet). */
  at: number;
  of: number;
  column: number;
  row: number;
  tabStop: boolean;
  onFocus: () => void;
  onOpen: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** One picture of a job with its best label, or what went wrong with it. */
export const GalleryCard = ({
  line,
  url,
  at,
  of,
  column,
  row,
  tabStop,
  onFocus,
  onOpen,
  onKeyDown,
}: GalleryCardProps) => {
  const [best] = line.predictions;
  return (
    <li class="result" aria-posinset={at + 1} aria-setsize={of} style={{ '--column': column, '--y': row }}>
      <button
        type="button"
        data-at={at}
        tabIndex={tabStop ? 0 : -1}
        onFocus={onFocus}
        onClick={onOpen}
        onKeyDown={onKeyDown}
      >
        <span class="thumb">{line.error ? <NoPreview /> : <Thumbnail key={url} url={url} />}</span>
        <span class="result-text">
          {line.error ? (
            <span class="bad-text small">{wordsOfPicture(line.key, line.error.code, line.error.message)}</span>
          ) : (
            <strong class="one-line">{best?.label ?? 'no label'}</strong>
          )}
          <span class="muted small one-line">
            {best && `${percent(best.score)} · `}
            {fileName(line.key)}
          </span>
        </span>
      </button>
    </li>
  );
};
