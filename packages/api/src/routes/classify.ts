import { ClassifyQuery, ClassifyRequest, ClassifyResponse } from '@rookery/contracts';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { ClassifyForm, pictureBodies } from '../http/picture-bodies.ts';
import { pictureRequests } from '../plugins/picture-requests.ts';
import { answerOf, labelForm, labelPicture, labelSources } from '../serving/label-pictures.ts';
import { labeller } from '../serving/labeller.ts';
import { PictureSources } from '../serving/picture-sources.ts';

const description = `Pictures as they are (\`image/*\`), as a form (any number of files; the fields \`model\`, \`top\` and \`explain\` stand before them), or named
in JSON. Answers in the order of the request. A picture that cannot be had or labelled (an address that does not answer, a text that is not base64, a damaged file) has
\`error\` in its place and leaves its neighbours alone.

\`Request-Timeout\` (seconds): after it the work is given up, TIMED_OUT; where it could not be kept the request is turned away at once,
OVERLOADED.

\`explain\`: each picture also has \`explanation\`, a small map for each of its first labels. Exact and nearly free by Grad-CAM for models with
global pooling and a linear head; else by RISE, which takes hundreds of times as long as labelling.`;

/** `POST /v1/classify`: pictures as they are, as a form, or named; answered at once. */
export async function classifyRoutes(app: ApiInstance, context: ApiContext): Promise<void> {
  const { models } = context;
  const sources = new PictureSources(context);
  const label = labeller(context.limits);
  pictureRequests(app, context);
  await pictureBodies(app, context);

  app.post(
    '/v1/classify',
    {
      config: { access: 'classify' },
      schema: {
        operationId: 'classify',
        summary: 'Label pictures, answered at once',
        description,
        tags: ['Classify'],
        querystring: ClassifyQuery,
        consumes: {
          'application/json': ClassifyRequest,
          'multipart/form-data': ClassifyForm,
          'image/*': 'binary',
          'application/octet-stream': 'binary',
        },
        response: { 200: ClassifyResponse },
      },
    },
    async (request): Promise<ClassifyResponse> => {
      const startedAt = performance.now();
      const { query, work, body } = request;
      const explain = query.explain === 'true';
      const defaults = { model: query.model, top: query.top ?? context.top, explain };
      if (request.isMultipart()) return answerOf(await labelForm(request, { context, defaults, label }), startedAt);
      if (body instanceof Uint8Array) {
        using lease = await models.use(query.model);
        const images = [await labelPicture('0', () => label(lease, body as Uint8Array<ArrayBuffer>, defaults, work))];
        return answerOf({ lease, images }, startedAt);
      }
      return answerOf(await labelSources(body, { context, defaults, sources, work, label }), startedAt);
    },
  );
}
