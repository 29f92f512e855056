import {
  JobDeleteQuery,
  JobList,
  JobListQuery,
  JobRequest,
  JobRequestHeaders,
  JobView,
  ReconcileResult,
  RetryRequest,
  RookeryError,
} from '@rookery/contracts';
import { type MadeJob, mapInOrder, newestJobs } from '@rookery/jobs';
import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { viewOfNew } from '../jobs/job-view.ts';
import type { JobsService } from '../jobs/jobs-service.ts';
import { jobEventRoutes } from './job-events.ts';
import { jobResultRoutes } from './job-results.ts';
import { callerOf, type JobScope, jobParams, jobScope } from './job-scope.ts';
import { uploadRoutes } from './uploads.ts';

const tags = ['Jobs'];
/** A job in a list may be looked at a moment ago; one that is asked for is looked at now. */
const listAgeMs = 3_000;
const getAgeMs = 250;
const defaultLimit = 50;

/** `/v1/jobs` and `/v1/uploads`: work on whole buckets, done by workers behind the caller's back. */
export async function jobRoutes(app: ApiInstance, context: ApiContext): Promise<void> {
  const scope = jobScope(app, context);
  makeRoutes(app, scope);
  changeRoutes(app, scope, context);
  jobEventRoutes(app, scope);
  jobResultRoutes(app, scope);
  await uploadRoutes(app, scope);
}

function makeRoutes(app: ApiInstance, { jobs }: JobScope): void {
  app.post(
    '/v1/jobs',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'createJob',
        summary: 'Make a job',
        description: `Answered as soon as the job is durable; its pictures are listed afterwards. With an \`Idempotency-Key\` a repeat
gives the job that was made (200); the same key with another request is refused (422).`,
        tags,
        headers: JobRequestHeaders,
        body: JobRequest,
        response: { 200: JobView, 201: JobView },
      },
    },
    async (request, reply) => {
      const service = jobs();
      const { 'idempotency-key': header } = request.headers;
      const { idempotencyKey = header, ...body } = request.body;
      if (header !== undefined && idempotencyKey !== header)
        throw new RookeryError('REQUEST_INVALID', {
          detail: 'the header and the body name different idempotency keys',
        });
      const asked = { ...body, ...(idempotencyKey !== undefined && { idempotencyKey }) };
      const made = await service.maker.make(asked, {
        caller: callerOf(request),
        traceparent: request.span.traceparent,
      });
      request.span.set({ 'rookery.job': made.job.id });
      return sendMade(service, made, reply);
    },
  );

  app.get(
    '/v1/jobs',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'listJobs',
        summary: 'Jobs, newest first',
        tags,
        querystring: JobListQuery,
        response: { 200: JobList },
      },
    },
    async ({ query: { cursor, limit = defaultLimit } }) => {
      const { ledger, followers } = jobs();
      const find = async (id: string) => followers.known(id) ?? ledger.find(id);
      const page = await newestJobs(ledger, { limit, after: cursor, find });
      const views: JobView[] = [];
      const looks = mapInOrder(page.jobs, 8, (job) =>
        followers
          .ofJob(job)
          .look(listAgeMs, { count: false })
          .catch((thrown: unknown) => {
            // Deleted a moment ago.
            if (thrown instanceof RookeryError && thrown.code === 'JOB_NOT_FOUND') return followers.forget(job.id);
            throw thrown;
          }),
      );
      for await (const view of looks) if (view) views.push(view);
      return { jobs: views, next: page.next ?? null };
    },
  );

  app.get(
    '/v1/jobs/:id',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'getJob',
        summary: 'A job, and how far it is',
        tags,
        params: jobParams,
        response: { 200: JobView },
      },
    },
    async ({ params: { id } }) => jobs().followers.view(id, getAgeMs),
  );
}

/** 201 and what is known of a job that was made a moment ago, or 200 and how far it is by now. */
async function sendMade(
  { followers }: JobsService,
  { job, isNew }: MadeJob,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const view = isNew ? viewOfNew(job) : await followers.ofJob(job).look(getAgeMs);
  return reply
    .code(isNew ? 201 : 200)
    .header('location', `/v1/jobs/${job.id}`)
    .send(view);
}

function changeRoutes(app: ApiInstance, { jobs }: JobScope, { log }: ApiContext): void {
  app.post(
    '/v1/jobs/:id/cancel',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'cancelJob',
        summary: 'Cancel a job',
        description:
          'Workers drop its tasks within seconds; results that are there stay. A job that is complete cannot be cancelled.',
        tags,
        params: jobParams,
        response: { 200: JobView },
      },
    },
    async ({ params, id, span }) => {
      const view = await jobs().cancel(params.id);
      log.info({ requestId: id, trace_id: span.traceId, job: params.id }, 'job cancelled');
      return view;
    },
  );

  app.post(
    '/v1/jobs/:id/retry',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'retryJob',
        summary: 'Make a job of what failed in another',
        description:
          'A new job over the same pictures: good lines are taken over, the rest is done again. A repeat that names the same `id` gives the job that was made (200).',
        tags,
        params: jobParams,
        body: RetryRequest.optional(),
        response: { 200: JobView, 201: JobView },
      },
    },
    async ({ params: { id }, body, span }, reply) => {
      const service = jobs();
      const made = await service.retry(id, body ?? {}, span.traceparent);
      span.set({ 'rookery.job': made.job.id });
      return sendMade(service, made, reply);
    },
  );

  app.post(
    '/v1/jobs/:id/reconcile',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'reconcileJob',
        summary: 'Enqueue again what has no result',
        description: 'After a queue was lost. Harmless at any time: workers look for a result before they work.',
        tags,
        params: jobParams,
        response: { 200: ReconcileResult },
      },
    },
    async ({ params: { id } }) => jobs().reconcile(id),
  );

  app.delete(
    '/v1/jobs/:id',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'deleteJob',
        summary: 'Delete a job with all its results',
        description: 'The pictures stay where they are.',
        tags,
        params: jobParams,
        querystring: JobDeleteQuery,
        response: { 204: z.undefined() },
      },
    },
    async ({ params, query: { force }, id, span }, reply) => {
      await jobs().delete(params.id, { force: force === 'true' });
      log.info({ requestId: id, trace_id: span.traceId, job: params.id }, 'job deleted');
      return reply.code(204).send();
    },
  );
}
