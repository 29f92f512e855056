import { useEffect, useState } from 'preact/hooks';
import { announce } from '../app/announcer.tsx';
import { copyText } from './copy.ts';
import { Icon } from './icon.tsx';

interface CopyProps {
  /** Makes the text that is copied. */
  text: string | (() => string);
  /** Names the text; screen readers read "Copy" before it. */
  what: string;
  children?: string;
  disabled?: boolean;
}

export const CopyButton = ({ text, what, children, disabled = false }: CopyProps) => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    const done = await copyText(typeof text === 'string' ? text : text());
    setCopied(done);
    announce(done ? `Copied ${what}` : 'This browser does not let the page copy');
  };
  return (
    <button
      type="button"
      class={children ? 'button' : 'icon-button small'}
      disabled={disabled}
      onClick={copy}
      aria-label={children ? undefined : `Copy ${what}`}
      title={`Copy ${what}`}
    >
      <Icon name={copied ? 'check' : 'copy'} />
      {children && (copied ? 'Copied' : children)}
    </button>
  );
};
