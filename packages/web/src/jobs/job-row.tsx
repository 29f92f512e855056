import type { JobView } from '@rookery/client';
import { hashOf } from '../app/router.ts';
import { count, counted, duration, moment, rate } from '../ui/format.ts';
import { Progress } from '../ui/progress.tsx';
import { isOver, JobState, shareOf } from './job-state.tsx';
import { sourceText } from './source-text.ts';

/** One job in the list. The whole row is a link to the job. */
export const JobRow = ({ job }: { job: JobView }) => (
  <li class={`job-row card ${job.state}`}>
    <div class="job-row-head">
      <h2>
        <a href={hashOf(['jobs', job.id])}>{job.note ?? job.id}</a>
      </h2>
      <JobState state={job.state} />
    </div>
    <p class="muted small one-line" title={sourceText(job.source)}>
      {sourceText(job.source)}
    </p>
    <Progress label={`Progress of ${job.note ?? job.id}`} share={shareOf(job) ?? (isOver(job) ? 0 : undefined)} />
    <p class="small job-row-foot">
      <span>{howFar(job)}</span>
      <span class="muted">
        {job.model.name} · {moment(job.createdAt)}
      </span>
    </p>
  </li>
);

/** `1,204 of 5,000 pictures · 212/s · 18 s left`. */
function howFar({ state, pictures, failed, picturesPerSecond, leftMs, refusal }: JobView): string {
  const errors = failed ? [`${count(failed)} with errors`] : [];
  const stuck = refusal && refusal.refusing === refusal.workers ? ['no worker can do it'] : [];
  if (state === 'complete') return [counted(pictures.done, 'picture'), ...errors].join(' · ');
  const planned =
    state === 'planning' ? `${count(pictures.planned)} found so far` : `of ${counted(pictures.planned, 'picture')}`;
  const speed = state === 'running' && picturesPerSecond > 0 ? [`${rate(picturesPerSecond)}/s`] : [];
  const left = state === 'running' && leftMs !== null ? [`${duration(leftMs)} left`] : [];
  return [`${count(pictures.done)} ${planned}`, ...errors, ...speed, ...left, ...stuck].join(' · ');
}
