import { resolve } from 'node:path';
import {
  type Api,
  type AuthOptions,
  isLoopbackHost,
  type JobsParts,
  keysFromText,
  openKeyFile,
  startApi,
} from '@rookery/api';
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

/** The HTTP service as the configuration wants it, listening. @throws {RookeryError} CONFIG_INVALID */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, serving, jobs, log, metrics, tracer, cwd } = options;
  const { api } = config;
  const keys = api.keysText ? keysFromText(api.keysText) : await openKeyFile(resolve(cwd, api.keys), { log });
  // Apart from what jobs may read: that has the place of uploads too.
  const buckets = createBuckets({ allow: config.store.sources, s3: s3OptionsOf(config) });
  const close = async (): Promise<void> => {
    keys[Symbol.dispose]();
    await buckets[Symbol.asyncDispose]();
  };
  try {
    const auth = authOf(config, keys);
    const service = {
      version,
      models: serving.models,
      registry: serving.registry,
      top: config.classify.top,
      auth,
      buckets,
      jobs,
      allowHttp: api.allowHttp,
      localRoot: api.localRoot === undefined ? undefined : resolve(cwd, api.localRoot),
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
        await close();
      },
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Where presigned addresses lead, so that the page may send pictures there. */
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

/** Keys are asked for wherever there are some; without any a service may only be bound to this machine. */
function authOf({ api }: Config, keys: Awaited<ReturnType<typeof openKeyFile>>): AuthOptions {
  const loopback = api.host === '::1' || isLoopbackHost(api.host);
  if (api.noAuth && !loopback)
    throw new RookeryError('CONFIG_INVALID', {
      detail: `api.host ${api.host}: --no-auth is for a service that only this machine can reach`,
    });
  if (loopback && (api.noAuth || keys.count === 0)) return { kind: 'off' };
  if (keys.count > 0) return { kind: 'keys', keys, sessionSecret: api.sessionSecret };
  throw new RookeryError('CONFIG_INVALID', {
    detail: `api.host ${api.host}: a service that others can reach asks for keys, and ${api.keys} has none in force; \`rookery keys create NAME\` makes one`,
  });
}
