import { type JobView, ServiceError } from '@rookery/client';
import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../app/announcer.tsx';
import { useRoute } from '../app/router.ts';
import { Empty } from '../ui/empty.tsx';
import { count, counted, duration, moment, rate } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { Progress } from '../ui/progress.tsx';
import { Trouble } from '../ui/trouble.tsx';
import { wordsOf, wordsOfCode } from '../ui/words.ts';
import { Downloads } from './downloads.tsx';
import { queryOf } from './filter-query.ts';
import { Filters } from './filters.tsx';
import { Gallery } from './gallery.tsx';
import { JobActions } from './job-actions.tsx';
import { isOver, JobState, shareOf } from './job-state.tsx';
import { sourceText } from './source-text.ts';
import { Tally } from './tally.tsx';
import { useJob } from './use-job.ts';

/** One job: how far it is, what it found, what went wrong, every picture of it. */
export const JobDetail = ({ id }: { id: string }) => {
  const { job, error, connected, watchAgain } = useJob(id);
  const { query } = useRoute();
  const state = job?.state;
  const stateBefore = useRef(state);
  useEffect(() => {
    if (stateBefore.current && state && stateBefore.current !== state) announce(`The job is ${state}`);
    stateBefore.current = state;
  }, [state]);

  // A mistyped address may name no possible job.
  if (!job && error instanceof ServiceError && (error.status === 404 || error.status === 400)) return <NoSuchJob />;
  if (!job) return error === undefined ? <Loading what="the job" /> : <Trouble error={error} onRetry={watchAgain} />;
  const { pictures, failed, errors, classes, picturesPerSecond, leftMs } = job;
  const running = !isOver(job);
  return (
    <div class="job">
      <a class="up" href="#/jobs">
        <Icon name="back" /> Jobs
      </a>
      <div class="view-head">
        <h1>{job.note ?? job.id}</h1>
        <JobState state={job.state} />
        <JobActions job={job} onChange={watchAgain} />
      </div>
      <p class="muted job-facts">
        {sourceText(job.source)} · {job.model.name}, {counted(job.top, 'label')} a picture · {moment(job.createdAt)}
        {job.note !== null && ` · ${job.id}`}
      </p>
      {job.reason && <Notice kind="error">{wordsOfCode(job.reason.code, job.reason.message)}</Notice>}
      {job.refusal && (
        <Notice kind={job.refusal.refusing < job.refusal.workers ? 'info' : 'error'}>{refusalText(job.refusal)}</Notice>
      )}
      {error !== undefined && <Notice kind="error">{wordsOf(error)} What you see may be old.</Notice>}
      {!connected && running && <Notice kind="info">The connection was lost. Trying again…</Notice>}

      <Progress label="Progress of the job" share={shareOf(job) ?? (running ? undefined : 0)} />
      <dl class="figures">
        <Figure
          name={running ? 'Done' : 'Pictures'}
          value={count(pictures.done)}
          more={
            running || job.state === 'cancelled'
              ? `of ${count(pictures.planned)}${job.state === 'planning' ? ' so far' : ''}`
              : ''
          }
        />
        <Figure name="Errors" value={failed === null ? '–' : count(failed)} bad={(failed ?? 0) > 0} />
        <Figure name="Pictures a second" value={picturesPerSecond > 0 ? rate(picturesPerSecond) : '–'} />
        {running ? (
          <Figure name="Left" value={leftMs === null ? '–' : duration(leftMs)} />
        ) : (
          <Figure name="Took" value={tookOf(job.createdAt, job.lastResultAt)} />
        )}
      </dl>

      {(hasAny(errors) || hasAny(classes)) && (
        <div class="tallies">
          {hasAny(classes) && <Tally title="Labels" tally={classes ?? {}} name="label" query={query} />}
          {hasAny(errors) && (
            <Tally
              title="Errors"
              tally={errors ?? {}}
              name="code"
              query={query}
              wordsOf={(code) => wordsOfCode(code)}
            />
          )}
        </div>
      )}

      <section class="results" aria-label="Results">
        <div class="view-head">
          <h2>Results</h2>
          <Downloads job={job} query={queryOf(query)} />
        </div>
        <Filters query={query} />
        <Gallery job={job} query={queryOf(query)} />
      </section>
    </div>
  );
};

const NoSuchJob = () => (
  <Empty
    whole
    icon="stack"
    title={wordsOfCode('JOB_NOT_FOUND')}
    text="Its results went with it. The pictures are where they were."
    action={
      <a class="button" href="#/jobs">
        All jobs
      </a>
    }
  />
);

const Figure = ({
  name,
  value,
  more = '',
  bad = false,
}: {
  name: string;
  value: string;
  more?: string;
  bad?: boolean;
}) => (
  <div class={bad ? 'figure bad' : 'figure'}>
    <dt>{name}</dt>
    <dd>
      {value} {more && <small class="muted">{more}</small>}
    </dd>
  </div>
);

/** `2 of 3 workers cannot do this job: no birds@3 (fp32) in the registry`. */
const refusalText = ({ refusing, workers, reasons }: NonNullable<JobView['refusal']>): string =>
  `${count(refusing)} of ${counted(workers, 'worker')} cannot do this job: ${reasons.join('; ')}.`;

const hasAny = (tally: Record<string, number> | null): boolean => tally !== null && Object.keys(tally).length > 0;

const tookOf = (from: string, to: string | null): string =>
  to === null ? '–' : duration(Math.max(0, Date.parse(to) - Date.parse(from)));
