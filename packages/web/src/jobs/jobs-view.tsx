import type { JobView } from '@rookery/client';
import { ServiceError } from '@rookery/client';
import { useState } from 'preact/hooks';
import { mayDo, useApp } from '../app/context.ts';
import { useStore } from '../app/store.ts';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { Trouble } from '../ui/trouble.tsx';
import { useLoad } from '../ui/use-load.ts';
import { wordsOf } from '../ui/words.ts';
import { JobRow } from './job-row.tsx';
import { isOver } from './job-state.tsx';
import { NewJob } from './new-job.tsx';
import { UploadPanel } from './upload-panel.tsx';

const pageSize = 50;

/** Every job, newest first. */
export const JobsView = () => {
  const { client, session, upload } = useApp();
  const uploading = useStore(upload.state);
  const [making, setMaking] = useState(false);
  const [older, setOlder] = useState<{ jobs: readonly JobView[]; next: string | null }>();
  const [olderError, setOlderError] = useState<unknown>();
  const { data, error, reload } = useLoad((signal) => client.jobs.list({ limit: pageSize }, { signal }), 3_000);

  if (error instanceof ServiceError && /^(NOT_IMPLEMENTED|ROUTE_NOT_FOUND)$/.test(error.code)) return <NoStore />;
  if (!data) return error === undefined ? <Loading what="jobs" /> : <Trouble error={error} onRetry={reload} />;

  const known = new Set(data.jobs.map(({ id }) => id));
  const jobs = [...data.jobs, ...(older?.jobs ?? []).filter(({ id }) => !known.has(id))];
  const next = older ? older.next : data.next;
  const showOlder = (): void => {
    client.jobs
      .list({ limit: pageSize, ...(next !== null && { cursor: next }) })
      .then(
        (page) => setOlder((old) => ({ jobs: [...(old?.jobs ?? []), ...page.jobs], next: page.next })),
        setOlderError,
      );
  };
  const running = data.jobs.filter((job) => !isOver(job)).length;
  const newJob = mayDo(session, 'jobs') && (
    <button type="button" class="button primary" onClick={() => setMaking(true)}>
      <Icon name="plus" /> New job
    </button>
  );

  return (
    <div class="jobs">
      <div class="view-head">
        <h1>Jobs</h1>
        <p class="muted">{jobs.length > 0 && (running > 0 ? `${running} at work` : 'All done')}</p>
        {newJob}
      </div>
      {error !== undefined && <Notice kind="error">{wordsOf(error)} What you see may be old.</Notice>}
      {uploading.phase !== 'idle' && <UploadPanel />}
      {jobs.length === 0 && uploading.phase === 'idle' ? (
        <Empty
          icon="stack"
          title="No jobs yet"
          text="A job labels a whole prefix of a bucket, or a folder full of pictures from this computer."
          action={newJob}
        />
      ) : (
        <ul class="job-list">
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
      )}
      {next !== null && (
        <button type="button" class="button wide-button" onClick={showOlder}>
          Show older jobs
        </button>
      )}
      {olderError !== undefined && <Notice kind="error">{wordsOf(olderError)}</Notice>}
      {making && <NewJob onClose={() => setMaking(false)} onMade={reload} />}
    </div>
  );
};

const NoStore = () => (
  <Empty
    whole
    icon="stack"
    title="Jobs are off"
    text={
      <>
        This service has no store to keep jobs in. Start it with one, such as <code>rookery up photos/</code>.
      </>
    }
  />
);
