import { asRookeryError, type Task } from '@rookery/contracts';
import type { TaskQueue } from '@rookery/queue';
import { noTracer, type Tracer } from '@rookery/telemetry';
import { sendingTo } from '../feed/sending-to.ts';

/** What is sent again may belong to a trace. */
export interface TraceOptions {
  readonly tracer?: Tracer | undefined;
  /** Of the span that all of it is part of. */
  readonly traceparent?: string | undefined;
}

/** Sends that belong to the trace. Those after them are traces of their own: one of a million tasks nobody can open. */
const sendsInTrace = 16;

/** Sends tasks, each time in a span that the tasks go on from. */
export function tracedSends(
  queue: TaskQueue,
  { tracer = noTracer, traceparent: parent }: TraceOptions,
): (tasksOf: (traceparent: string | undefined) => readonly Task[], signal?: AbortSignal) => Promise<number> {
  let sends = 0;
  return async (tasksOf, signal) => {
    const origin = sends++ < sendsInTrace ? { parent } : { link: parent };
    const span = tracer.start(`send ${queue.name}`, { kind: 'producer', ...origin });
    try {
      const tasks = tasksOf(span.traceparent);
      span.set(sendingTo(queue.name, tasks.length));
      if (tasks.length > 0) await queue.send(tasks, signal);
      return tasks.length;
    } catch (thrown) {
      span.fail(asRookeryError(thrown).code);
      throw thrown;
    } finally {
      span.end();
    }
  };
}
