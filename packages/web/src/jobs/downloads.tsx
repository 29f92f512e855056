import type { JobView, LinesQuery } from '@rookery/client';
import { useApp } from '../app/context.ts';
import { Icon } from '../ui/icon.tsx';

const formats = [
  { format: 'jsonl', name: 'JSON lines' },
  { format: 'csv', name: 'CSV' },
  { format: 'parquet', name: 'Parquet' },
] as const;

/** The results as a file: of one label, or only the errors, where the filter says so. A job that still runs gives what it has so far. */
export const Downloads = ({ job, query }: { job: JobView; query: LinesQuery }) => {
  const { client } = useApp();
  const filter = {
    ...(query.label && { label: query.label }),
    ...(query.outcome === 'failed' && { errors: 'true' as const }),
  };
  const partial = job.state !== 'complete';
  return (
    <div class="row downloads">
      {formats.map(({ format, name }) => (
        <a
          key={format}
          class="button"
          href={client.jobs.resultsUrl(job.id, { format, ...filter, ...(partial && { partial: 'true' }) })}
          download={`${job.id}.${format}`}
        >
          <Icon name="download" /> {name}
        </a>
      ))}
    </div>
  );
};
