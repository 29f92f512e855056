import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Api, type AuthOptions, type JobsParts, startApi } from '@rookery/api';
import { asRookeryError, RookeryError } from '@rookery/contracts';
import { createBuckets } from '@rookery/storage';
import type { Logger, Metrics, Tracer } from '@rookery/telemetry';
import { captionFont } from '../classify/caption-font.ts';
import type { Config } from '../config.ts';
import { s3OptionsOf } from '../store.ts';
import { version } from '../version.ts';
import { pageFolder } from './page-folder.ts';
import type { Serving } from './serving.ts';

export interface ServiceOptions {
  readonly config: Config;
  readonly cwd: string;
  readonly serving: Serving;
  readonly jobs: JobsParts | undefined;
  readonly auth: AuthOptions;
  /** Takes another port where this one is taken. */
  readonly anyPort?: boolean;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly log: Logger;
}

export interface Service {
  readonly address: string;
  /** Where gRPC was asked for. */
  readonly grpcAddress: string | undefined;
  /** Whether callers need a key. */
  readonly authentication: boolean;
  /** Finishes what it has inside the grace period. */
  stop(graceMs: number): Promise<void>;
}

/** The HTTP service as the configuration wants it, listening. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, serving, jobs, auth, log, metrics, tracer, cwd } = options;
  const { api } = config;
  // Apart from what jobs may read: that has the place of uploads too.
  const buckets = createBuckets({ allow: config.store.sources, s3: s3OptionsOf(config, log) });
  try {
    const service = {
      version,
      models: serving.models,
      registry: serving.registry,
      top: config.classify.top,
      auth,
      buckets,
      jobs,
      allowHttp: api.allowHttp,
      localRoot: api.localRoot === undefined ? undefined : await folderAt(resolve(cwd, api.localRoot)),
      captionFont: captionFont(),
      pageFolder: pageFolder(),
      corsOrigins: api.corsOrigins,
      uploadOrigins: await uploadOriginsOf(jobs, log),
      trustProxy: api.trustProxy.length > 0 ? api.trustProxy : false,
      limits: {
        bodyBytes: api.maxBodyBytes,
        pictureBytes: api.maxPictureBytes,
        pictures: api.maxPictures,
        heldBytes: api.maxHeldBytes,
        waitMs: api.maxWaitMs,
        requestMs: api.requestTimeoutMs,
        requestsPerMinute: api.rateLimit,
      },
      metrics,
      tracer,
      log,
    };
    const { host, port, grpcPort } = api;
    const started: Api = await startApi(service, { host, port, grpcPort }).catch((thrown: unknown) => {
      if (!options.anyPort) throw thrown;
      return startApi(service, { host, port: 0, grpcPort });
    });
    return {
      address: started.address,
      grpcAddress: started.grpcAddress,
      authentication: auth.kind === 'keys',
      async stop(graceMs) {
        await started.stop({ graceMs });
        await buckets[Symbol.asyncDispose]();
      },
    };
  } catch (thrown) {
    await buckets[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** The origin of presigned addresses, so that the page is allowed to send pictures there. */
async function uploadOriginsOf(jobs: ServiceOptions['jobs'], log: Logger): Promise<string[]> {
  const bucket = jobs?.uploads?.bucket;
  if (!jobs || bucket === undefined || bucket.startsWith('file:')) return [];
  try {
    const { url } = await jobs.buckets.open(bucket).presign('PUT', 'uploads/x', { expiresMs: 1_000 });
    return [new URL(url).origin];
  } catch (thrown) {
    log.warn({ bucket, err: asRookeryError(thrown) }, 'no address can be signed: the page cannot put pictures there');
    return [];
  }
}

/** Reports at the start what would be missing at every call. @throws {RookeryError} CONFIG_INVALID */
async function folderAt(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return path;
  throw new RookeryError('CONFIG_INVALID', { detail: `api.localRoot ${path}: there is no such folder` });
}
