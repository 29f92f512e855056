import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

interface EmptyProps {
  icon?: IconName;
  title: string;
  text: ComponentChildren;
  action?: ComponentChildren;
  /** Where nothing else is in the view, this is its heading. */
  whole?: boolean;
}

/** What a view shows while there is nothing to show. */
export const Empty = ({ icon = 'info', title, text, action, whole = false }: EmptyProps) => (
  <div class="empty">
    <span class="empty-icon">
      <Icon name={icon} />
    </span>
    {whole ? <h1>{title}</h1> : <h2>{title}</h2>}
    <p class="muted">{text}</p>
    {action}
  </div>
);
