import { RookeryError } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { ApiInstance } from '../../api-instance.ts';
import { check } from '../../http/check.ts';
import type { InferenceService } from '../inference-service.ts';

const IndexRequest = z.object({ ready: z.boolean().default(false) });
const LoadRequest = z.object({ parameters: z.record(z.string(), z.unknown()).default({}) });
const params = z.object({ name: z.string() });

/** The model repository extension. */
export function repositoryRoutes(app: ApiInstance, service: InferenceService): void {
  app.removeAllContentTypeParsers();
  // Clients send JSON without saying so, or nothing at all.
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 65_536 }, (_request, text, done) => done(null, text));

  app.post('/repository/index', { config: { access: 'classify' }, schema: { hide: true } }, async (request) =>
    service.repositoryIndex(check(IndexRequest, bodyOf(request), 'request').ready),
  );
  const managing = { config: { access: 'models' }, schema: { hide: true, params } } as const;
  app.post('/repository/models/:name/load', managing, async (request) => {
    await service.load(request.params.name, check(LoadRequest, bodyOf(request), 'request').parameters);
    return {};
  });
  app.post('/repository/models/:name/unload', managing, async (request) => {
    await service.unload(request.params.name);
    return {};
  });
}

function bodyOf({ body }: FastifyRequest): unknown {
  if (typeof body !== 'string' || body.trim() === '') return {};
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new RookeryError('REQUEST_INVALID', { detail: 'failed to parse the request JSON', cause });
  }
}
