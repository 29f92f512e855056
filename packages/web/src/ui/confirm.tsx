import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { Notice } from './notice.tsx';
import { wordsOf } from './words.ts';

interface ConfirmProps {
  title: string;
  text: string;
  /** What the button says: the deed itself, never "OK". */
  action: string;
  dangerous?: boolean;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something is done that cannot be undone. */
export const Confirm = ({ title, text, action, dangerous = false, onConfirm, onClose }: ConfirmProps) => {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setError(wordsOf(thrown));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {error && <Notice kind="error">{error}</Notice>}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Leave it as it is
        </button>
        <button type="button" class={dangerous ? 'button danger' : 'button primary'} disabled={busy} onClick={confirm}>
          {action}
        </button>
      </div>
    </Dialog>
  );
};
