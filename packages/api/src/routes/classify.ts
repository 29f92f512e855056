import {
  type AnsweringModel,
  type ClassifiedImage,
  ClassifyQuery,
  ClassifyRequest,
  ClassifyResponse,
  RookeryError,
} from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { lengthOf, pictureRequests } from '../plugins/picture-requests.ts';
import { imageOf } from '../serving/classified-image.ts';
import type { ModelLease } from '../serving/hosted-model.ts';

/** `POST /v1/classify`: pictures as they are, as a form, or as addresses; answered at once. */
export function classifyRoutes(app: ApiInstance, context: ApiContext): void {
  const { limits, models } = context;
  pictureRequests(app, context);
  app.addContentTypeParser(
    /^(image\/|application\/octet-stream)/,
    async (request: FastifyRequest, payload: AsyncIterable<Uint8Array>) =>
      request.work.read(payload, { maxBytes: limits.pictureBytes, length: lengthOf(request) }),
  );

  app.post(
    '/v1/classify',
    {
      config: { access: 'classify' },
      schema: {
        operationId: 'classify',
        summary: 'Label pictures, answered at once',
        tags: ['Classify'],
        querystring: ClassifyQuery,
        consumes: { 'application/json': ClassifyRequest, 'image/*': 'binary' },
        response: { 200: ClassifyResponse },
      },
    },
    async (request) => {
      const startedAt = performance.now();
      const { top = context.top, model, explain } = request.query;
      if (explain === 'true') throw new RookeryError('NOT_IMPLEMENTED', { detail: 'explain' });
      using lease = await models.use(model);
      const images: ClassifiedImage[] = [
        await imageOf('0', async () => request.work.classify(lease, request.body as Uint8Array<ArrayBuffer>, top)),
      ];
      return { model: answeringModel(lease), images, timings: { totalMs: performance.now() - startedAt } };
    },
  );
}

export function answeringModel({ hosted, classifier }: ModelLease): AnsweringModel {
  const { name, version, variant } = hosted.resolved;
  return { name, version, variant, digest: classifier.model };
}
