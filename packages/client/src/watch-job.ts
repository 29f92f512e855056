import type { Service } from './calls.ts';
import type { JobView } from './job-view.ts';
import { pause } from './pause.ts';
import { serverEvents } from './server-events.ts';
import { ServiceError } from './service-error.ts';

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined;
  /** A stream that is silent for longer is given up and opened again. @default 45,000 */
  readonly silentMs?: number | undefined;
  /** Told whenever the stream is lost, and when it is there again. */
  readonly onConnection?: ((connected: boolean) => void) | undefined;
}

const firstPauseMs = 500;
const longestPauseMs = 15_000;

/**
 * A job each time it has come further, until it is complete or cancelled. A stream that breaks is opened again where it was, for as
 * long as the caller wants. @throws {ServiceError} where asking again is of no use, such as JOB_NOT_FOUND
 */
export async function* watchJob(service: Service, id: string, options: WatchOptions = {}): AsyncGenerator<JobView> {
  const { silentMs = 45_000, onConnection, signal } = options;
  let lastId: string | undefined;
  let pauseMs = firstPauseMs;
  let asked: number | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), silentMs);
    const heard = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silentMs);
    };
    try {
      const body = await service.read(
        service.calls.GET('/v1/jobs/{id}/events', {
          params: { path: { id }, ...(lastId !== undefined && { header: { 'last-event-id': lastId } }) },
          parseAs: 'stream',
          signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
        }),
      );
      onConnection?.(true);
      for await (const event of serverEvents(body as ReadableStream<Uint8Array>, heard)) {
        lastId = event.id ?? lastId;
        asked = event.retryMs ?? asked;
        pauseMs = firstPauseMs;
        const view = viewOf(event.data);
        if (!view) continue;
        yield view;
        if (view.state === 'complete' || view.state === 'cancelled') return;
      }
    } catch (thrown) {
      signal?.throwIfAborted();
      if (thrown instanceof ServiceError && !thrown.retryable) throw thrown;
    } finally {
      clearTimeout(timer);
    }
    onConnection?.(false);
    await pause(Math.max(asked ?? 0, pauseMs * (0.5 + Math.random())), signal);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

function viewOf(data: string): JobView | undefined {
  try {
    const view = JSON.parse(data) as JobView;
    return typeof view?.state === 'string' ? view : undefined;
  } catch {
    return undefined;
  }
}
