import { asRookeryError } from '@rookery/contracts';
import type { Span, Tracer } from '@rookery/telemetry';

/** Does something in a span that begins a trace. @throws what it throws */
export async function inSpan<T>(tracer: Tracer, name: string, work: (span: Span) => Promise<T>): Promise<T> {
  const span = tracer.start(name);
  try {
    return await work(span);
  } catch (thrown) {
    span.fail(asRookeryError(thrown).code);
    throw thrown;
  } finally {
    span.end();
  }
}
