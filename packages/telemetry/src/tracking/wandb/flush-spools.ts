import { Forwarder, type ForwarderOptions } from './forwarder.ts';
import { Spool } from './spool.ts';
import { claimSpool, listSpools, releaseSpool, removeSpool } from './spool-folders.ts';

export interface FlushOutcome {
  readonly id: string;
  /** Everything of it has arrived. */
  readonly sent: boolean;
  /** Why not. */
  readonly trouble: string | undefined;
}

/**
 * Sends what earlier runs left, oldest first, of those that were meant for this server and that nobody works on. One that the server does not
 * take holds up those behind it for `patienceMs` at most; for ever where nothing is said.
 */
export async function flushSpools(
  root: string,
  { patienceMs, ...options }: ForwarderOptions & { readonly patienceMs?: number },
  signal: AbortSignal,
): Promise<readonly FlushOutcome[]> {
  const outcomes: FlushOutcome[] = [];
  for (const info of listSpools(root)) {
    if (info.inUse || info.run.baseUrl !== options.baseUrl || signal.aborted) continue;
    const folder = claimSpool(info, root);
    if (!folder) continue;
    const spool = new Spool(folder, Number.POSITIVE_INFINITY);
    const patience = patienceMs === undefined ? [] : [AbortSignal.timeout(patienceMs)];
    const sent = await new Forwarder(spool, options).flush(AbortSignal.any([signal, ...patience]));
    outcomes.push({ id: info.run.id, sent, trouble: spool.state.trouble });
    spool.close();
    if (sent) removeSpool(folder);
    else releaseSpool(folder);
  }
  return outcomes;
}
