import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import type { ApiInstance } from '../../api-instance.ts';
import type { InferenceService, NamedModel } from '../inference-service.ts';
import { modelConfigJson } from '../model/model-metadata.ts';

const params = z.object({ name: z.string(), version: z.string().default('') });
const open = { config: { access: 'public', rateLimit: false }, schema: { hide: true } } as const;
const known = { config: { access: 'classify' }, schema: { hide: true } } as const;
const ofOne = { config: { access: 'classify' }, schema: { hide: true, params } } as const;

/** Health, metadata, configuration and statistics of the server and its models. */
export function modelRoutes(app: ApiInstance, service: InferenceService): void {
  app.get('/', open, async () => service.serverMetadata());
  app.get('/health/live', open, async () => ({ live: true }));
  app.get('/health/ready', open, async (_request, reply) => {
    const { notReady } = service;
    return notReady === undefined ? { ready: true } : no(reply, notReady);
  });

  app.get('/models/stats', known, async () => ({ model_stats: await service.statistics() }));
  const ofModel = (path: string, answer: (model: NamedModel, reply: FastifyReply) => Promise<object>): void => {
    for (const url of [`/models/:name${path}`, `/models/:name/versions/:version${path}`])
      app.get(url, ofOne, async (request, reply) => answer(request.params, reply));
  };
  ofModel('', (model) => service.modelMetadata(model));
  ofModel('/config', async (model) => modelConfigJson(await service.modelConfig(model)));
  ofModel('/stats', async (model) => ({ model_stats: await service.statistics(model) }));
  ofModel('/ready', async (model, reply) =>
    (await service.modelReady(model))
      ? { name: model.name, ready: true }
      : no(reply, `model '${model.name}' is not in memory; the first request that names it loads it`),
  );
}

/** Not ready is 4xx in this protocol. */
const no = (reply: FastifyReply, error: string): FastifyReply => reply.code(400).send({ error });
