import type { ComponentChildren } from 'preact';

/** A table that may be wider than the screen: it scrolls sideways inside its box, also by keyboard. */
export const TableBox = ({ name, children }: { name: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reachable by keyboard
  <section class="table-box" aria-label={`Table of ${name.toLowerCase()}`} tabIndex={0}>
    {children}
  </section>
);
