import { ServiceError } from '@rookery/client';
import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';
import { ClassifyView } from '../classify/classify-view.tsx';
import { FleetView } from '../fleet/fleet-view.tsx';
import { JobDetail } from '../jobs/job-detail.tsx';
import { JobsView } from '../jobs/jobs-view.tsx';
import { ModelsView } from '../models/models-view.tsx';
import { Empty } from '../ui/empty.tsx';
import { Loading } from '../ui/loading.tsx';
import { Trouble } from '../ui/trouble.tsx';
import { useLoad } from '../ui/use-load.ts';
import { announce } from './announcer.tsx';
import { mayDo, useApp } from './context.ts';
import { addressOf, useRoute } from './router.ts';

const titles: Record<string, string> = {
  '': 'Classify',
  jobs: 'Jobs',
  models: 'Models',
  fleet: 'Fleet',
  queues: 'Queues',
};

/** The view that the address names. */
export const Views = () => {
  const { path } = useRoute();
  const [view = '', id] = path;
  const title = view === 'jobs' && id ? `Job ${id}` : (titles[view] ?? 'Not found');
  const place = `${view}/${id ?? ''}`;
  const first = useRef(true);

  useEffect(() => {
    document.title = `${title} · Rookery`;
    if (!first.current) {
      announce(title);
      scrollTo(0, 0);
      document.getElementById('main')?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [place]);

  if (view === '') return <ClassifyView />;
  if (view === 'jobs') return id ? <JobDetail key={id} id={id} /> : <JobsView />;
  if (view === 'models') return <ModelsView />;
  if (view === 'fleet') return <LazyFleet />;
  if (view === 'queues') return <QueuesDashboard />;
  return (
    <Empty
      whole
      title="There is nothing here"
      text="The address names no view of this page."
      action={
        <a class="button" href="#/">
          To the start
        </a>
      }
    />
  );
};

/** Where the service sends those who open the dashboard without a session, so that they can sign in. */
const QueuesDashboard = () => {
  const { session } = useApp();
  const route = useRoute();
  const allowed = mayDo(session, 'admin');
  useEffect(() => {
    if (allowed) location.replace(addressOf(route));
  }, [allowed]);
  if (allowed) return <Loading what="the queues" />;
  return <Empty whole icon="warning" title="Your key does not allow this." text="The queues are for admins." />;
};

async function fetchPlotter(): Promise<typeof UPlot> {
  try {
    return (await import('uplot')).default;
  } catch (thrown) {
    throw ServiceError.own('UNREACHABLE', 'the script of the plots did not come', thrown);
  }
}

/** The plots are half of the script, so they are fetched when they are first shown. */
const LazyFleet = () => {
  const { data, error, reload } = useLoad(fetchPlotter);
  if (data) return <FleetView plotter={data} />;
  return error === undefined ? <Loading what="the fleet" /> : <Trouble error={error} onRetry={reload} />;
};
