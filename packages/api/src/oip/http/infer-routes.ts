import type { IncomingMessage } from 'node:http';
import { RookeryError } from '@rookery/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { ApiContext } from '../../api-context.ts';
import type { ApiInstance } from '../../api-instance.ts';
import { lengthOf, pictureRequests } from '../../plugins/picture-requests.ts';
import type { InferenceService } from '../inference-service.ts';
import { readInferRequest } from './request-body.ts';
import { writeInferResponse } from './response-body.ts';

const params = z.object({ name: z.string(), version: z.string().default('') });
const jsonLengthHeader = 'inference-header-content-length';

/** `POST v2/models/{name}[/versions/{version}]/infer`. */
export function inferRoutes(app: ApiInstance, context: ApiContext, service: InferenceService): void {
  const { limits } = context;
  pictureRequests(app, context);
  app.removeAllContentTypeParsers();
  // Clients of the protocol say anything, or nothing, of what they send.
  app.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    request.work.read(payload, { maxBytes: limits.bodyBytes, length: lengthOf(request) }),
  );

  for (const url of ['/models/:name/infer', '/models/:name/versions/:version/infer']) {
    app.post(url, { config: { access: 'classify' }, schema: { hide: true, params } }, async (request, reply) => {
      const { work, body } = request;
      const asked = readInferRequest(body instanceof Uint8Array ? body : new Uint8Array(), jsonLengthOf(request));
      const result = await service.infer(request.params, asked, work);
      return send(reply, writeInferResponse(result, asked));
    });
  }
}

function send(reply: FastifyReply, { body, jsonBytes }: ReturnType<typeof writeInferResponse>): FastifyReply {
  if (jsonBytes === undefined) return reply.type('application/json; charset=utf-8').send(body);
  return reply.header(jsonLengthHeader, String(jsonBytes)).type('application/octet-stream').send(body);
}

function jsonLengthOf({ headers }: FastifyRequest): number | undefined {
  const given = headers[jsonLengthHeader];
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^\d{1,12}$/.test(given)) return Number(given);
  throw new RookeryError('REQUEST_INVALID', { detail: 'Inference-Header-Content-Length is a number of bytes' });
}
