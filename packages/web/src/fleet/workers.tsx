import type { FleetFigures } from '@rookery/client';
import { moment, rate } from '../ui/format.ts';
import { TableBox } from './table-box.tsx';

type Worker = NonNullable<FleetFigures['workers']>[number];

/** The workers that label pictures of jobs. */
export const Workers = ({ workers }: { workers: readonly Worker[] }) =>
  workers.length === 0 ? (
    <p class="muted">Nobody is at work: jobs wait until a worker starts.</p>
  ) : (
    <TableBox name="Workers">
      <table class="workers">
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">State</th>
            <th scope="col">Model</th>
            <th scope="col">Drift</th>
            <th scope="col">Pictures/s</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <tr key={worker.id}>
              <th scope="row">{worker.kind === 'embedded' ? 'inside this service' : worker.id}</th>
              <td>
                <span class={`chip ${worker.state}`}>{worker.state}</span>
              </td>
              <td>{worker.model ?? '–'}</td>
              <td>{worker.drift === null ? '–' : <span class={`chip ${worker.drift}`}>{worker.drift}</span>}</td>
              <td>{worker.picturesPerSecond === null ? '–' : rate(worker.picturesPerSecond)}</td>
              <td>{worker.startedAt === null ? '–' : moment(worker.startedAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
