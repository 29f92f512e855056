import { mayDo, useApp } from '../app/context.ts';
import { Empty } from '../ui/empty.tsx';
import { count, duration, milliseconds, rate } from '../ui/format.ts';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { Trouble } from '../ui/trouble.tsx';
import { useLoad } from '../ui/use-load.ts';
import { wordsOf } from '../ui/words.ts';
import { Plot, type PlotProps } from './plot.tsx';
import { TableBox } from './table-box.tsx';
import { Workers } from './workers.tsx';

/** What is going on now: how much waits, how fast it is done, and by which workers. */
export const FleetView = ({ plotter }: Pick<PlotProps, 'plotter'>) => {
  const { client, session } = useApp();
  const { data, error, reload } = useLoad((signal) => client.fleet({ signal }), 4_000);
  if (!data) return error === undefined ? <Loading what="the fleet" /> : <Trouble error={error} onRetry={reload} />;
  const { series, queues, workers } = data;
  const times = series.map(({ at }) => Date.parse(at) / 1000);
  const last = series.at(-1);
  const answered = series.findLast(({ p50Ms }) => p50Ms !== null);
  const dead = queues.reduce((sum, queue) => sum + queue.dead, 0);
  return (
    <div class="fleet">
      <div class="view-head">
        <h1>Fleet</h1>
        <p class="muted">
          Version {data.version}, up for {duration(Date.parse(data.at) - Date.parse(data.startedAt))}
        </p>
        {data.dashboard !== null && mayDo(session, 'admin') && (
          <a class="button" href={data.dashboard}>
            The queue's dashboard
          </a>
        )}
      </div>
      {error !== undefined && <Notice kind="error">{wordsOf(error)} What you see may be old.</Notice>}
      {dead > 0 && <Notice kind="error">{count(dead)} tasks were given up. They stand among the dead letters.</Notice>}
      <div class="plots">
        <Plot
          plotter={plotter}
          title="Pictures a second"
          now={rate(last?.picturesPerSecond ?? 0)}
          times={times}
          lines={[
            {
              name: 'pictures a second',
              colour: '--accent',
              values: series.map((point) => point.picturesPerSecond),
              fill: true,
            },
          ]}
          format={rate}
        />
        <Plot
          plotter={plotter}
          title="Latency"
          now={answered?.p50Ms == null ? '–' : milliseconds(answered.p50Ms)}
          more={answered?.p95Ms == null ? undefined : `95 % within ${milliseconds(answered.p95Ms)}`}
          times={times}
          lines={[
            { name: 'half within', colour: '--accent', values: series.map((point) => point.p50Ms) },
            { name: '95 % within', colour: '--amber', values: series.map((point) => point.p95Ms) },
          ]}
          format={milliseconds}
        />
        <Plot
          plotter={plotter}
          title="Waiting"
          now={count(last?.waiting ?? 0)}
          times={times}
          lines={[{ name: 'waiting', colour: '--teal', values: series.map((point) => point.waiting), fill: true }]}
          format={count}
        />
      </div>
      <section aria-label="Queues">
        <h2>Queues</h2>
        {queues.length === 0 ? (
          <p class="muted">This service has no queue: it answers at once.</p>
        ) : (
          <TableBox name="Queues">
            <table>
              <thead>
                <tr>
                  <th scope="col">Queue</th>
                  <th scope="col">Waiting</th>
                  <th scope="col">At work</th>
                  <th scope="col">Delayed</th>
                  <th scope="col">Given up</th>
                  <th scope="col">Oldest waits</th>
                </tr>
              </thead>
              <tbody>
                {queues.map((queue) => (
                  <tr key={queue.name}>
                    <th scope="row">{queue.name}</th>
                    <td>{count(queue.ready)}</td>
                    <td>{count(queue.leased)}</td>
                    <td>{count(queue.delayed)}</td>
                    <td class={queue.dead > 0 ? 'bad-text' : ''}>{count(queue.dead)}</td>
                    <td>{queue.oldestMs === null ? '' : duration(queue.oldestMs)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableBox>
        )}
      </section>
      <section aria-label="Workers">
        <h2>Workers</h2>
        {workers === null ? (
          <Empty
            icon="pulse"
            title="Out of sight"
            text="This kind of queue does not say who listens to it. Each worker's own /metrics does."
          />
        ) : (
          <Workers workers={workers} />
        )}
      </section>
    </div>
  );
};
