import { createHash } from 'node:crypto';
import type { JobView } from '@rookery/contracts';
import type { WebhookMessage } from './webhook-signer.ts';

/** `job.failed`: its pictures could not be listed. Pictures that could not be labelled are counted in `job.completed`. */
const typeOf = ({ state, reason }: JobView): string | undefined =>
  state === 'complete'
    ? 'job.completed'
    : state === 'cancelled'
      ? reason
        ? 'job.failed'
        : 'job.cancelled'
      : undefined;

/** What is told of a job that has ended; `undefined` of one that goes on. The same whoever makes it, and at every attempt. */
export function webhookMessage(view: JobView, endedAt: Date): WebhookMessage | undefined {
  const type = typeOf(view);
  if (type === undefined) return undefined;
  const id = createHash('sha256').update(`${view.id}\n${view.createdAt}\n${type}`).digest('base64url').slice(0, 27);
  const timestamp = view.state === 'complete' ? (view.lastResultAt ?? view.createdAt) : endedAt.toISOString();
  return { id: `msg_${id}`, body: JSON.stringify({ type, timestamp, data: view }) };
}
