import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const gap = 14;
const smallest = 168;
const textHeight = 66;
const overscan = 2;

/** How a gallery is laid out on the page, in pixels: only rows near what can be seen are drawn. */
export interface Layout {
  readonly columns: number;
  readonly rowHeight: number;
  readonly firstRow: number;
  readonly endRow: number;
}

/** Follows the size of an element and how far the page is scrolled. */
export function useLayout(element: RefObject<HTMLElement | null>): Layout {
  const [layout, setLayout] = useState<Layout>({ columns: 4, rowHeight: 200, firstRow: 0, endRow: 4 });
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      const { width, top } = current.getBoundingClientRect();
      const columns = Math.max(2, Math.floor((width + gap) / (smallest + gap)));
      const side = (width - gap * (columns - 1)) / columns;
      const rowHeight = Math.round(side * 0.75 + textHeight + gap);
      const firstRow = Math.max(0, Math.floor(-top / rowHeight) - overscan);
      const endRow = Math.max(firstRow, Math.ceil((innerHeight - top) / rowHeight) + overscan);
      setLayout((old) =>
        old.columns === columns && old.rowHeight === rowHeight && old.firstRow === firstRow && old.endRow === endRow
          ? old
          : { columns, rowHeight, firstRow, endRow },
      );
    };
    const soon = (): void => {
      frame ||= requestAnimationFrame(measure);
    };
    const sizes = new ResizeObserver(soon);
    sizes.observe(current);
    // What is above it may grow and push it down.
    sizes.observe(document.body);
    addEventListener('scroll', soon, { passive: true });
    measure();
    return () => {
      sizes.disconnect();
      removeEventListener('scroll', soon);
      cancelAnimationFrame(frame);
    };
  }, []);
  return layout;
}
