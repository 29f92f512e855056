import { useState } from 'preact/hooks';
import { useApp } from '../app/context.ts';
import { goTo } from '../app/router.ts';
import { choicesOf } from '../classify/choices.ts';
import { Dialog } from '../ui/dialog.tsx';
import type { FoundFile } from '../ui/dropped-files.ts';
import { Notice } from '../ui/notice.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useLoad } from '../ui/use-load.ts';
import { wordsOf } from '../ui/words.ts';
import { FilePicker } from './file-picker.tsx';
import { type JobWishes, picturesOf } from './job-upload.ts';
import { parseLocation } from './source-text.ts';

/** Makes a job of what lies in a bucket, or of pictures from this computer. */
export const NewJob = ({ onClose, onMade }: { onClose: () => void; onMade: () => void }) => {
  const { client, upload } = useApp();
  const [from, setFrom] = useState<'computer' | 'bucket'>('computer');
  const [files, setFiles] = useState<readonly FoundFile[]>([]);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const models = useLoad(() => client.models.list());
  const pictures = picturesOf(files);

  const fromBucket = async (form: FormData, { model, top, note }: JobWishes): Promise<void> => {
    const location = parseLocation(String(form.get('location') ?? ''));
    if (!location) return setError('This is no address of a bucket: write s3://bucket/folder/');
    setBusy(true);
    try {
      const job = await client.jobs.create({
        source: { kind: 'prefix', ...location },
        top,
        ...(model && { model }),
        ...(note && { note }),
        ...(form.get('since') && { since: 'latest' as const }),
      });
      onMade();
      onClose();
      goTo('jobs', job.id);
    } catch (thrown) {
      setError(wordsOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setError('');
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const wishes = {
      model: String(form.get('model') ?? ''),
      top: Number(form.get('top')) || 3,
      note: String(form.get('note') ?? '').trim(),
    };
    if (from === 'bucket') void fromBucket(form, wishes);
    else if (pictures.length === 0) setError('Choose some pictures first.');
    else if (upload.busy) setError('Another upload is under way. Wait until it is done.');
    else {
      upload.start(pictures, wishes);
      onClose();
    }
  };

  return (
    <Dialog title="New job" onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <Tabs
          label="Where the pictures are"
          tabs={[
            { id: 'computer', name: 'From this device' },
            { id: 'bucket', name: 'From a bucket' },
          ]}
          chosen={from}
          onChoose={setFrom}
        >
          {from === 'computer' ? (
            <FilePicker files={files} pictures={pictures} onFiles={(found) => setFiles((old) => [...old, ...found])} />
          ) : (
            <>
              <label class="field">
                Address
                <input
                  name="location"
                  required
                  placeholder="s3://bucket/folder/"
                  spellcheck={false}
                  autocapitalize="off"
                />
                <small class="muted">Every picture below it is labelled.</small>
              </label>
              <label class="check">
                <input type="checkbox" name="since" value="yes" /> Skip pictures that the last job of this place has
                labelled
              </label>
            </>
          )}
        </Tabs>
        <div class="two">
          <label class="field">
            Model
            <select name="model">
              {choicesOf(models.data ?? []).map(({ reference, name }) => (
                <option key={reference} value={reference}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Labels a picture
            <input name="top" type="number" min={1} max={100} defaultValue="3" />
          </label>
        </div>
        <label class="field">
          <span>
            Name <span class="muted">(optional)</span>
          </span>
          <input name="note" maxLength={200} placeholder="What is it for?" />
        </label>
        {error && <Notice kind="error">{error}</Notice>}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {from === 'computer' ? 'Upload and start' : 'Start'}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
