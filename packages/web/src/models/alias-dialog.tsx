import type { ModelInfo, ModelVersionInfo } from '@rookery/client';
import { useId, useState } from 'preact/hooks';
import { announce } from '../app/announcer.tsx';
import { useApp } from '../app/context.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { wordsOf } from '../ui/words.ts';

interface AliasProps {
  model: ModelInfo;
  version: ModelVersionInfo;
  onClose: () => void;
  onChange: () => void;
}

/** Moves an alias to a version. It shows what the alias names now, and moves it only from there. */
export const AliasDialog = ({ model, version, onClose, onChange }: AliasProps) => {
  const { client } = useApp();
  const [alias, setAlias] = useState('production');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const known = useId();
  const before = model.aliases[alias] ?? null;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      await client.models.alias(model.name, { alias, version: version.version, expect: before });
      announce(`${model.name}:${alias} is now ${version.version}`);
      onChange();
      onClose();
    } catch (thrown) {
      setError(wordsOf(thrown));
      onChange();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title="Point an alias here" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <label class="field">
          Alias of {model.name}
          <input
            list={known}
            required
            pattern="[a-z0-9][a-z0-9._\-]*"
            value={alias}
            spellcheck={false}
            autocapitalize="off"
            onInput={(event) => setAlias((event.currentTarget as HTMLInputElement).value)}
          />
          <datalist id={known}>
            {[...new Set(['production', 'candidate', ...Object.keys(model.aliases)])].map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </label>
        <p>
          <code>{`${model.name}:${alias}`}</code>{' '}
          {before === null ? (
            'names nothing yet'
          ) : before === version.version ? (
            'names this version already'
          ) : (
            <>
              names <code>{before}</code> now
            </>
          )}
          . It will name <code>{version.version}</code>.
        </p>
        <p class="muted small">
          The new version warms up beside the old one, then takes over. No request fails meanwhile.
        </p>
        {error && <Notice kind="error">{error}</Notice>}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            Leave it as it is
          </button>
          <button type="submit" class="button primary" disabled={busy || before === version.version}>
            {busy ? 'Moving…' : 'Move the alias'}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
