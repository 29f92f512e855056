import { type JobView, ServiceError } from '@rookery/client';
import { useState } from 'preact/hooks';
import { announce } from '../app/announcer.tsx';
import { mayDo, useApp } from '../app/context.ts';
import { goTo } from '../app/router.ts';
import { Confirm } from '../ui/confirm.tsx';
import { count, counted } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { wordsOf } from '../ui/words.ts';
import { isOver } from './job-state.tsx';

/** What can be done with a job. */
export const JobActions = ({ job, onChange }: { job: JobView; onChange: () => void }) => {
  const { client, session } = useApp();
  const [asking, setAsking] = useState<'cancel' | 'retry' | 'delete'>();
  const [said, setSaid] = useState<{ kind: 'error' | 'info'; text: string }>();
  if (!mayDo(session, 'jobs')) return null;
  const over = isOver(job);
  const unfinished = job.pictures.planned - job.pictures.done;
  const name = job.note ?? job.id;

  const reconcile = async (): Promise<void> => {
    try {
      const { tasks } = await client.jobs.reconcile(job.id);
      const text = tasks === 0 ? 'Nothing was missing.' : `${counted(tasks, 'task')} put into the queue again.`;
      setSaid({ kind: 'info', text });
      announce(text);
    } catch (thrown) {
      setSaid({ kind: 'error', text: wordsOf(thrown) });
    }
  };
  const questions = {
    cancel: {
      title: 'Cancel this job?',
      text: `${counted(job.pictures.done, 'picture')} of “${name}” keep their labels. The other ${count(unfinished)} are not labelled; a retry can take them up later.`,
      action: 'Cancel the job',
      onConfirm: async () => {
        await client.jobs.cancel(job.id);
        onChange();
      },
    },
    retry: {
      title: 'Try again what failed?',
      text: 'A new job takes over every good label and labels only what failed or was not done. This job stays as it is.',
      action: 'Make the job',
      onConfirm: async () => {
        const made = await client.jobs.retry(job.id);
        goTo('jobs', made.id);
      },
    },
    delete: {
      title: 'Delete this job?',
      text: `“${name}” and all of its results are deleted. The pictures themselves stay where they are. This cannot be undone.`,
      action: 'Delete the job',
      onConfirm: async () => {
        await client.jobs.delete(job.id).catch((thrown) => {
          // Somebody else was faster: the job is in the wanted state already.
          if (!(thrown instanceof ServiceError && thrown.code === 'JOB_NOT_FOUND')) throw thrown;
        });
        announce('The job is deleted');
        goTo('jobs');
      },
    },
  };
  return (
    <>
      <div class="row actions">
        {!over && (
          <>
            <button
              type="button"
              class="button"
              title="Puts into the queue again what has no result"
              onClick={reconcile}
            >
              Reconcile
            </button>
            <button type="button" class="button" onClick={() => setAsking('cancel')}>
              Cancel…
            </button>
          </>
        )}
        {over && ((job.failed ?? 0) > 0 || unfinished > 0) && (
          <button type="button" class="button" onClick={() => setAsking('retry')}>
            Try again…
          </button>
        )}
        {over && (
          <button type="button" class="button" onClick={() => setAsking('delete')}>
            Delete…
          </button>
        )}
      </div>
      {said && <Notice kind={said.kind}>{said.text}</Notice>}
      {asking && <Confirm {...questions[asking]} dangerous={asking !== 'retry'} onClose={() => setAsking(undefined)} />}
    </>
  );
};
