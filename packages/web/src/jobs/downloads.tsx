import type { JobView } from '@rookery/client';
import { useApp } from '../app/context.ts';
import { Icon } from '../ui/icon.tsx';

const formats = [
  { format: 'jsonl', name: 'JSON lines' },
  { format: 'csv', name: 'CSV' },
  { format: 'parquet', name: 'Parquet' },
] as const;

/** All results as a file; of a job that still runs what is there by now. */
export const Downloads = ({ job }: { job: JobView }) => {
  const { client } = useApp();
  const partial = job.state !== 'complete';
  return (
    <div class="row downloads">
      {formats.map(({ format, name }) => (
        <a
          key={format}
          class="button"
          href={client.jobs.resultsUrl(job.id, { format, ...(partial && { partial: 'true' }) })}
          download={`${job.id}.${format}`}
        >
          <Icon name="download" /> {name}
        </a>
      ))}
    </div>
  );
};
