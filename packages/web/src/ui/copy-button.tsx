import { useEffect, useState } from 'preact/hooks';
import { announce } from '../app/announcer.tsx';
import { copyText } from './copy.ts';
import { Icon } from './icon.tsx';

interface CopyProps {
  /** What is copied; made when it is asked for. */
  text: string | (() => string);
  /** What that is: "Copy" stands in front of it for those who cannot see the icon. */
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
