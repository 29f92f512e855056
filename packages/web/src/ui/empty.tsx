import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

interface EmptyProps {
  icon?: IconName;
  title: string;
  text: ComponentChildren;
  action?: ComponentChildren;
}

/** What a view shows while there is nothing to show. */
export const Empty = ({ icon = 'info', title, text, action }: EmptyProps) => (
  <div class="empty">
    <span class="empty-icon">
      <Icon name={icon} />
    </span>
    <h2>{title}</h2>
    <p class="muted">{text}</p>
    {action}
  </div>
);
