import { listSpools } from '@rookery/telemetry';
import type { CommandContext } from '../context.ts';
import { renderTable } from '../ui/table.ts';
import { wandbOptionsOf } from '../wandb.ts';
import { listFileRuns } from './file-runs.ts';
import { spoolFolderOf } from './track-options.ts';
import { whyItWaits } from './why-it-waits.ts';

/** `rookery tracker status`. */
export async function runTrackerStatus({ json }: { readonly json?: boolean }, context: CommandContext): Promise<void> {
  const config = await context.config();
  const runs = await listFileRuns(config.tracker.folder);
  const { baseUrl } = await wandbOptionsOf(config);
  const waiting = listSpools(spoolFolderOf(config)).map((spool) => ({
    id: spool.run.id,
    name: spool.run.name,
    project: spool.run.project,
    server: spool.run.baseUrl,
    waitingBytes: spool.waitingBytes,
    droppedLines: spool.droppedLines,
    trouble: spool.trouble ?? null,
    inUse: spool.inUse,
    why: whyItWaits(spool, baseUrl),
  }));
  if (json) {
    await context.stdout.write(`${JSON.stringify({ runs, waiting })}\n`);
    return;
  }
  if (runs.length === 0 && waiting.length === 0) {
    await context.stdout.write('no runs are kept here, and nothing waits to be sent\n');
    return;
  }
  if (runs.length > 0)
    await context.stdout.write(
      renderTable(
        [
          { title: 'RUN' },
          { title: 'NAME' },
          { title: 'GROUP' },
          { title: 'STATE' },
          { title: 'ROWS', align: 'right' },
        ],
        runs.map(({ id, name, group, state, rows }) => [id, name, group ?? '', state, String(rows)]),
      ),
    );
  if (waiting.length > 0)
    await context.stdout.write(
      renderTable(
        [
          { title: 'WAITS FOR W&B' },
          { title: 'PROJECT' },
          { title: 'BYTES', align: 'right' },
          { title: 'DROPPED', align: 'right' },
          { title: 'WHY' },
        ],
        waiting.map(({ id, project, waitingBytes, droppedLines, why }) => [
          id,
          project,
          String(waitingBytes),
          String(droppedLines),
          why,
        ]),
      ),
    );
}
