import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createMetrics, LatencyWindow, noTracer, silentLogger } from '@rookery/telemetry';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { ApiContext } from './api-context.ts';
import type { ApiInstance } from './api-instance.ts';
import { type ApiMetrics, apiMetrics } from './api-metrics.ts';
import { Sessions } from './auth/sessions.ts';
import { FleetSampler } from './fleet/fleet-sampler.ts';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from './http/zod-provider.ts';
import { defaultLimits } from './limits.ts';
import type { ApiOptions } from './options.ts';
import { plugins } from './plugins/index.ts';
import { answerUnreadable, sendProblem } from './plugins/problem-details.ts';
import { collectRoutes } from './routes/documentation.ts';
import { routes } from './routes/index.ts';
import { Admission } from './serving/admission.ts';

/** The service, not yet listening. `draining` is aborted when it is to finish what it has and take nothing more. */
export async function buildServer(options: ApiOptions, draining: AbortSignal): Promise<ApiInstance> {
  const limits = { ...defaultLimits, ...options.limits };
  const { trustProxy, log = silentLogger } = options;
  const app: ApiInstance = fastify({
    genReqId,
    requestIdHeader: false,
    // What comes on a connection that is open still is answered, while the service shuts down.
    return503OnClosing: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.bodyMs,
    keepAliveTimeout: limits.keepAliveMs,
    trustProxy: typeof trustProxy === 'boolean' ? trustProxy : trustProxy ? [...trustProxy] : false,
    routerOptions: { maxParamLength: 1_024 },
    // What is no address at all meets no route and none of its hooks.
    frameworkErrors: (error, request, reply) =>
      void sendProblem(error, request as FastifyRequest, reply as FastifyReply),
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, { requestId: ownReqId(), log }),
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: 1_000,
      insecureHTTPParser: false,
      // Asked for by a hook, which answers as every other refusal is answered.
      requireHostHeader: false,
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = limits.connections;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  const context = contextOf(options, { limits, draining, entries: collectRoutes(app) });
  for (const plugin of plugins) await plugin(app, context);
  for (const register of routes)
    await app.register(async (scope) => register(scope.withTypeProvider<ZodTypeProvider>(), context));
  return app;
}

function contextOf(options: ApiOptions, own: Pick<ApiContext, 'limits' | 'draining' | 'entries'>): ApiContext {
  const { limits } = own;
  const { log = silentLogger, tracer = noTracer, top = 3, models, version, jobs } = options;
  const { metrics = createMetrics({ service: 'api', process: false }) } = options;
  const counted = apiMetrics(metrics, {
    pendingPictures: () => admission.pending,
    heldBytes: () => admission.heldBytes,
    waitSeconds: () => admission.waitMs / 1000,
    models: () => models.loaded(),
    modelBytes: () => models.graphBytes,
  });
  const latency = new LatencyWindow();
  const counts: ApiMetrics = {
    ...counted,
    classified(timings) {
      counted.classified(timings);
      latency.observe(timings.queueMs + timings.decodeMs + timings.batchMs + timings.inferMs);
    },
  };
  const admission = new Admission({
    waitMs: limits.waitMs,
    pendingPictures: limits.pendingPictures,
    heldBytes: limits.heldBytes,
    onRefused: (reason) => counts.refused(reason),
  });
  const { auth } = options;
  const sessions = auth.kind === 'keys' ? new Sessions({ keys: auth.keys, secret: auth.sessionSecret }) : undefined;
  const fleet = new FleetSampler({
    version,
    latency,
    pending: () => admission.pending,
    jobs,
    dashboard: jobs?.dashboard ? '/queues' : null,
    stepMs: jobs?.limits?.fleetStepMs,
    log,
  });
  return { ...options, ...own, sessions, metrics, tracer, log, top, counts, latency, admission, fleet };
}

let requests = 0;
const instance = randomBytes(6).toString('hex');

/** The caller's own id where it is harmless, so that it can be followed through; else one of ours. */
function genReqId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : ownReqId();
}

function ownReqId(): string {
  requests += 1;
  return `${instance}-${requests.toString(36)}`;
}
