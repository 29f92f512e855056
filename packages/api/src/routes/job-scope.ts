import { setMaxListeners } from 'node:events';
import { JobId, RookeryError } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import type { RefusalOf } from '../jobs/job-follower.ts';
import { JobsService } from '../jobs/jobs-service.ts';
import { withoutPlace } from '../serving/without-place.ts';

export const jobParams = z.object({ id: JobId });

/** What the routes about jobs have in common. */
export interface JobScope {
  /** @throws {RookeryError} ROUTE_NOT_FOUND where the service has no store */
  jobs(): JobsService;
  /** Aborted when what streams is to end. */
  readonly closing: AbortSignal;
  /** Whose keys are in force. */
  readonly auth: ApiContext['auth'];
}

/** Starts and stops what jobs need, with the server. */
export function jobScope(
  app: ApiInstance,
  { jobs: parts, auth, registry, fleet, draining, top, counts, tracer, log }: ApiContext,
): JobScope {
  const refusal: RefusalOf = (pin) => fleet.refusal(pin);

  const service =
    parts &&
    new JobsService({
      ...parts,
      pinOf: (...of) => withoutPlace(registry, parts.pinOf(...of)),
      top,
      counts,
      refusal,
      tracer,
      log,
    });
  const stop = new AbortController();
  const closing = AbortSignal.any([draining, stop.signal]);
  // A listener for each stream.
  setMaxListeners(0, closing);
  app.addHook('onReady', async () => service?.start());
  app.addHook('preClose', async () => stop.abort());
  app.addHook('onClose', async () => service?.[Symbol.asyncDispose]());
  return {
    closing,
    auth,
    jobs() {
      if (service) return service;
      throw new RookeryError('ROUTE_NOT_FOUND', { detail: 'this service has no jobs: it was started without a store' });
    },
  };
}

/** Whose places and keys a request takes: those of its key, or of its address where nobody is asked for one. */
export const callerOf = ({ caller, ip }: FastifyRequest): string =>
  caller.id === undefined ? `address ${ip}` : `key ${caller.id}`;
