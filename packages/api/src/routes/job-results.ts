import { Readable } from 'node:stream';
import { type Job, JobLines, JobLinesQuery, JobPictureQuery, JobResultsQuery, RookeryError } from '@rookery/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiInstance } from '../api-instance.ts';
import { byteRange, hasTag } from '../http/byte-range.ts';
import { varyBy } from '../http/vary.ts';
import type { JobsService } from '../jobs/jobs-service.ts';
import { linePage } from '../jobs/line-pages.ts';
import { formatAccepted, resultFile, resultRange, resultTypes } from '../jobs/result-file.ts';
import { callerOf, type JobScope, jobParams } from './job-scope.ts';

const tags = ['Jobs'];

/** What became of a job's pictures: as a file, by the page, and the pictures themselves. */
export function jobResultRoutes(app: ApiInstance, { jobs }: JobScope): void {
  app.get(
    '/v1/jobs/:id/results',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'getResults',
        summary: 'All results of a job as a file',
        description: `JSON lines, CSV or Parquet, by \`format\` or \`Accept\`, in the order of the job's pictures. Of a job that is not complete only
with \`partial=true\`. JSON lines without a filter have an \`ETag\` and take a \`Range\`, so that a download that broke goes on.`,
        tags,
        params: jobParams,
        querystring: JobResultsQuery,
        produces: {
          'application/x-ndjson': 'text',
          'text/csv': 'text',
          'application/vnd.apache.parquet': 'binary',
        },
        also: { 206: 'part', 304: 'empty' },
      },
    },
    async (request, reply) => {
      const { format = formatAccepted(request.headers.accept), errors, label, partial } = request.query;
      const service = jobs();
      const view = await service.followers.view(request.params.id, 1_000);
      const { job } = await service.followers.of(request.params.id);
      const isComplete = view.state === 'complete';
      if (!isComplete && partial !== 'true')
        throw new RookeryError('JOB_NOT_COMPLETE', { detail: 'partial=true gives what is there by now' });
      varyBy(reply, 'accept');
      void reply
        .type(resultTypes[format])
        .header('content-disposition', `attachment; filename="${job.id}.${format}"`)
        .header('cache-control', 'private, no-cache');
      const filter = { errorsOnly: errors === 'true', label, partial: !isComplete };
      const whole = isComplete && !filter.errorsOnly && label === undefined;
      if (whole && format === 'jsonl') return sendWhole(service, job, view.tasks.planned, request, reply);
      if (request.method === 'HEAD') return reply.send(noBody());
      return sendStream(service, request, reply, (signal) => resultFile(service.ledger, job, format, filter, signal));
    },
  );

  app.get(
    '/v1/jobs/:id/lines',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'listLines',
        summary: "A page of a job's results",
        description: 'Lines that a filter lets through, in the order of the pictures; also of a job that still runs.',
        tags,
        params: jobParams,
        querystring: JobLinesQuery,
        response: { 200: JobLines },
      },
    },
    async ({ params: { id }, query }) => {
      const { followers, ledger, results, limits } = jobs();
      const { job } = await followers.of(id);
      return linePage({ ledger, results, job, resultsPerPage: limits.resultsPerPage }, query);
    },
  );

  app.get(
    '/v1/jobs/:id/picture',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'getPicture',
        summary: 'A picture of a job, scaled down',
        description:
          'WebP, upright, without metadata. Only of pictures that the job names, in the state that was labelled.',
        tags,
        params: jobParams,
        querystring: JobPictureQuery,
        produces: { 'image/webp': 'binary' },
        also: { 304: 'empty' },
      },
    },
    async (request, reply) => {
      const { followers, finder, thumbnails } = jobs();
      const { key, at, size = 256 } = request.query;
      const { job } = await followers.of(request.params.id);
      const item = await finder.find(job, { key, at });
      const etag =
        item.etag === undefined ? undefined : `"${Buffer.from(`${item.etag} ${size}`).toString('base64url')}"`;
      void reply.type('image/webp').header('cache-control', 'private, max-age=3600');
      if (etag !== undefined) {
        void reply.header('etag', etag);
        if (hasTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
      }
      return reply.send(Buffer.from(await thumbnails.of(job, item, size, untilGone(reply))));
    },
  );
}

/** All lines of a complete job, or a range of their bytes. */
async function sendWhole(
  service: JobsService,
  job: Job,
  tasks: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const layout = await service.results.layout(job, tasks);
  const { etag, totalBytes } = layout;
  void reply.header('etag', etag).header('accept-ranges', 'bytes');
  if (hasTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
  const ifRange = request.headers['if-range'];
  const asked = request.method === 'GET' && (ifRange === undefined || ifRange === etag);
  const part = rangeOf(asked ? request.headers.range : undefined, totalBytes, reply);
  const range = part ?? { start: 0, end: totalBytes - 1 };
  if (part) void reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${totalBytes}`);
  void reply.header('content-length', String(range.end - range.start + 1));
  if (request.method === 'HEAD') return reply.send(noBody());
  return sendStream(service, request, reply, (signal) => resultRange(service.ledger, job, { layout, range }, signal));
}

function rangeOf(header: string | undefined, totalBytes: number, reply: FastifyReply) {
  try {
    return byteRange(header, totalBytes);
  } catch (thrown) {
    void reply.header('content-range', `bytes */${totalBytes}`).removeHeader('content-disposition');
    throw thrown;
  }
}

/** Streams what is made piece by piece, for as long as somebody reads it. An error half-way ends the connection. */
function sendStream(
  { downloads }: JobsService,
  request: FastifyRequest,
  reply: FastifyReply,
  make: (signal: AbortSignal) => AsyncIterable<Uint8Array | string>,
): FastifyReply {
  const free = downloads.take(callerOf(request));
  reply.raw.once('close', free);
  return reply.send(Readable.from(make(untilGone(reply)), { objectMode: false, highWaterMark: 262_144 }));
}

/** For HEAD: of anything else fastify would tell the length. */
const noBody = (): Readable => Readable.from([]);

/** Aborted when nobody waits for the answer any more. */
function untilGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort(new RookeryError('ABORTED', { detail: 'the client has gone' }));
  });
  return gone.signal;
}
