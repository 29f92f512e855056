import type { Service } from './calls.ts';
import type { components, paths } from './generated/openapi.ts';
import type { JobView } from './job-view.ts';
import { type WatchOptions, watchJob } from './watch-job.ts';

export type JobRequest = components['schemas']['JobRequest'];
type RetryRequest = components['schemas']['RetryRequest'];
export type JobLines = components['schemas']['JobLines'];
export type ResultLine = JobLines['lines'][number];
export type LinesQuery = NonNullable<paths['/v1/jobs/{id}/lines']['get']['parameters']['query']>;
export type ResultsQuery = NonNullable<paths['/v1/jobs/{id}/results']['get']['parameters']['query']>;

/** Of a call that can be given up. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** A picture of a job: its key, its entry of `positions` where that is known, the side of the square that it is scaled to. */
export interface PicturePlace {
  readonly key: string;
  readonly at?: string | undefined;
  readonly size: number;
}

const withSignal = ({ signal }: Abortable) => (signal ? { signal } : {});

/** Jobs: label a whole prefix, list or upload, and read what came of it. */
export const jobsOf = (service: Service) => {
  const { calls, read } = service;
  const one = (id: string, options: Abortable = {}) => ({ params: { path: { id } }, ...withSignal(options) });
  const resultsUrl = (id: string, query: ResultsQuery = {}): string =>
    `${service.baseUrl}/v1/jobs/${encodeURIComponent(id)}/results?${new URLSearchParams(query as Record<string, string>)}`;

  return {
    /** Makes a job. A repeat with the same `idempotencyKey` gives the job that is there. */
    create: (
      request: JobRequest,
      { idempotencyKey = randomKey(), ...options }: Abortable & { idempotencyKey?: string } = {},
    ) =>
      read(
        calls.POST('/v1/jobs', {
          params: { header: { 'idempotency-key': idempotencyKey } },
          body: request,
          ...withSignal(options),
        }),
      ),
    /** A page of the jobs, newest first. */
    list: (query: { cursor?: string; limit?: number } = {}, options: Abortable = {}) =>
      read(calls.GET('/v1/jobs', { params: { query }, ...withSignal(options) })),
    get: (id: string, options?: Abortable) => read(calls.GET('/v1/jobs/{id}', one(id, options))),
    /** The job each time it has come further, until it is complete or cancelled. Survives broken connections. */
    watch: (id: string, options?: WatchOptions): AsyncGenerator<JobView> => watchJob(service, id, options),
    /** Lines that a filter lets through, a page at a time; also of a job that still runs. */
    lines: (id: string, query: LinesQuery = {}, options: Abortable = {}) =>
      read(calls.GET('/v1/jobs/{id}/lines', { params: { path: { id }, query }, ...withSignal(options) })),
    /** The results as a file, as they stream in. */
    results: async (
      id: string,
      query: ResultsQuery = {},
      options: Abortable = {},
    ): Promise<ReadableStream<Uint8Array>> => {
      const params = { path: { id }, query };
      const body = await read(
        calls.GET('/v1/jobs/{id}/results', { params, parseAs: 'stream', ...withSignal(options) }),
      );
      return body as ReadableStream<Uint8Array>;
    },
    /** Every line of the results, in the order of the job's pictures, in bounded memory. */
    resultLines: async function* (id: string, query: Omit<ResultsQuery, 'format'> = {}, options: Abortable = {}) {
      yield* jsonLines(await this.results(id, { ...query, format: 'jsonl' }, options));
    },
    /** The address of the results, for a link. */
    resultsUrl,
    /** The address of one picture of the job, scaled down. */
    pictureUrl: (id: string, { key, at, size }: PicturePlace): string => {
      const query = new URLSearchParams({ key, ...(at !== undefined && { at }), size: String(size) });
      return `${service.baseUrl}/v1/jobs/${encodeURIComponent(id)}/picture?${query}`;
    },
    cancel: (id: string, options?: Abortable) => read(calls.POST('/v1/jobs/{id}/cancel', one(id, options))),
    /** Makes a new job of the pictures that failed or were not done; good lines are taken over. */
    retry: (id: string, { signal, ...body }: RetryRequest & Abortable = {}) =>
      read(calls.POST('/v1/jobs/{id}/retry', { ...one(id, { signal }), body })),
    /** Enqueues again what has no result yet. */
    reconcile: (id: string, options?: Abortable) => read(calls.POST('/v1/jobs/{id}/reconcile', one(id, options))),
    /** The job and all of its results; one that still runs only with `force`. */
    delete: async (id: string, { force = false, ...options }: Abortable & { force?: boolean } = {}): Promise<void> => {
      const params = { path: { id }, query: force ? { force: 'true' as const } : {} };
      await read(calls.DELETE('/v1/jobs/{id}', { params, ...withSignal(options) }));
    },
  };
};

async function* jsonLines(body: ReadableStream<Uint8Array>): AsyncGenerator<ResultLine> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line) as ResultLine;
    }
    if (rest.trim() !== '') yield JSON.parse(rest) as ResultLine;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Pages without TLS have no `crypto.randomUUID`. */
const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
