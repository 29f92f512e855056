import { useEffect } from 'preact/hooks';
import { announce } from '../app/announcer.tsx';
import { useApp } from '../app/context.ts';
import { goTo } from '../app/router.ts';
import { useStore } from '../app/store.ts';
import { bytes, count, counted } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { Progress } from '../ui/progress.tsx';
import { wordsOf } from '../ui/words.ts';

/** The upload in progress: how far it is, what failed, how to continue. */
export const UploadPanel = () => {
  const { upload } = useApp();
  const state = useStore(upload.state);
  const job = state.phase === 'started' ? state.job : undefined;
  useEffect(() => {
    if (job === undefined) return;
    announce('The pictures are there and the job has started');
    upload.close();
    goTo('jobs', job);
  }, [job]);
  useEffect(() => {
    if (state.phase === 'stopped') announce('The upload has stopped');
  }, [state.phase]);

  if (state.phase === 'idle' || state.phase === 'started') return null;
  if (state.phase === 'starting') {
    return (
      <section class="card upload" aria-label="Upload">
        <h2>Starting the job…</h2>
        <Progress label="Starting the job" share={undefined} />
      </section>
    );
  }
  const { pictures, bytes: size } = state.progress;
  const share = size.total > 0 ? size.sent / size.total : 0;
  const nothingLeft = pictures.done === pictures.total;
  return (
    <section class="card upload" aria-label="Upload">
      <h2>
        {state.phase === 'sending' ? `Uploading ${counted(pictures.total, 'picture')}` : 'The upload has stopped'}
      </h2>
      <Progress label="Upload" share={share} />
      <p class="small">
        {count(pictures.done)} of {count(pictures.total)} · {bytes(size.sent)} of {bytes(size.total)}
        {state.phase === 'sending' && state.resumed && <span class="muted"> · going on where it was cut</span>}
      </p>
      {state.phase === 'sending' ? (
        <div class="row">
          <p class="muted small grow">You can look at other views meanwhile; keep this page open.</p>
          <button type="button" class="button" onClick={() => upload.stop()}>
            Pause
          </button>
        </div>
      ) : (
        <>
          {state.error !== undefined && (
            <Notice kind="error">
              {wordsOf(state.error)}
              {state.failed.length > 0 && ` ${counted(state.failed.length, 'picture')} could not be sent.`}
            </Notice>
          )}
          <div class="row">
            <button type="button" class="button primary" onClick={() => upload.goOn()}>
              {nothingLeft ? 'Try again' : 'Go on'}
            </button>
            {state.failed.length > 0 && pictures.done > 0 && (
              <button type="button" class="button" onClick={() => upload.goOnWithout()}>
                Start without them
              </button>
            )}
            <button type="button" class="button" onClick={() => upload.close()}>
              Give up
            </button>
          </div>
        </>
      )}
    </section>
  );
};
