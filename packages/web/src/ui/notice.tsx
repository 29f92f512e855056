import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';

/** A line about what went wrong, or what to know. Screen readers read errors out at once. */
export const Notice = ({ kind, children }: { kind: 'error' | 'info'; children: ComponentChildren }) => (
  <div class={`notice ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
    <Icon name={kind === 'error' ? 'warning' : 'info'} />
    <div>{children}</div>
  </div>
);
