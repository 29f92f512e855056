import { Readable } from 'node:stream';
import { errorMessage, isOfPicture, RookeryError } from '@rookery/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import {
  OriginalForm,
  OriginalQuery,
  type OriginalRequest,
  originalBodies,
  readOriginal,
} from '../http/original-form.ts';
import { pictureRequests } from '../plugins/picture-requests.ts';
import { frameBoundary as boundary, Drawing, type NamedPicture } from '../serving/drawing.ts';
import type { ModelLease } from '../serving/hosted-model.ts';
import { LocalFiles } from '../serving/local-files.ts';
import { PictureSources } from '../serving/picture-sources.ts';
import type { PictureWork } from '../serving/picture-work.ts';

const OriginalAnswer = z
  .object({
    results: z.array(
      z.object({
        conf: z.number().describe('two decimals'),
        class: z.string(),
        source: z.string().optional().describe('where a folder was asked for: the name of the picture'),
      }),
    ),
    failed: z
      .array(z.object({ source: z.string(), code: z.string(), message: z.string() }))
      .optional()
      .describe('pictures of a folder that could not be labelled'),
  })
  .meta({ id: 'OriginalAnswer' });

/** The original always answered so many. */
const entries = 3;

/** `/classify`: the calls of the system that Rookery succeeds, so that its clients go on. */
export async function originalRoutes(app: ApiInstance, context: ApiContext): Promise<void> {
  const { limits, localRoot } = context;
  const sources = new PictureSources(context);
  const files =
    localRoot === undefined
      ? undefined
      : new LocalFiles({ root: localRoot, maxFiles: limits.pictures, maxBytes: limits.pictureBytes });
  const drawing = new Drawing(context, entries);
  pictureRequests(app, context);
  await originalBodies(app, context);

  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    query: z.output<typeof OriginalQuery>,
  ): Promise<z.input<typeof OriginalAnswer> | FastifyReply> => {
    const { work } = request;
    const asked = await readOriginal(request, query, limits.pictureBytes);
    const pictures = await picturesOf(asked, work);
    const lease = await context.models.use();
    // Held until the last frame is written.
    reply.raw.once('close', () => lease[Symbol.dispose]());
    if (asked.saveLabels) return answerOf(pictures, lease, work);
    const frames = drawing.frames(pictures, lease, work);
    // The first one before the answer begins, so that what is wrong with it can still be said.
    const first = await frames.next();
    const all = async function* (): AsyncGenerator<Buffer> {
      if (!first.done) yield first.value;
      yield* frames;
      yield Buffer.from(`--${boundary}--\r\n`);
    };
    return reply
      .type(`multipart/x-mixed-replace; boundary=${boundary}`)
      .send(Readable.from(all(), { objectMode: false }));
  };

  const picturesOf = async (asked: OriginalRequest, work: PictureWork): Promise<NamedPicture[]> => {
    const { file, source } = asked;
    if (file) return [{ name: file.name, read: async () => file.bytes }];
    if (source === undefined) throw new RookeryError('REQUEST_INVALID', { detail: 'source or myfile is missing' });
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source))
      return [{ name: source, read: () => sources.read({ url: source }, work) }];
    if (!files) throw new RookeryError('SOURCE_DENIED', { detail: 'paths are read only where --local-root was given' });
    return (await files.find(source)).map((each) => ({ name: each.name, read: () => files.read(each, work) }));
  };

  const schema = {
    summary: 'Label a picture, as the original did',
    description:
      'With `save_labels=T` the three best labels as JSON, otherwise the annotated pictures as a stream of JPEG frames. A folder answers for each of its pictures.',
    tags: ['The original'],
    querystring: OriginalQuery,
    produces: { 'multipart/x-mixed-replace': 'binary' },
    response: { 200: OriginalAnswer },
  } as const;
  app.get(
    '/classify',
    { config: { access: 'classify' }, schema: { ...schema, operationId: 'originalClassify' } },
    async (request, reply) => answer(request, reply, request.query),
  );
  app.post(
    '/classify',
    {
      config: { access: 'classify' },
      schema: {
        ...schema,
        operationId: 'originalClassifyUpload',
        consumes: { 'multipart/form-data': OriginalForm, 'application/x-www-form-urlencoded': OriginalQuery },
      },
    },
    async (request, reply) => answer(request, reply, request.query),
  );
}

/** A picture of several that cannot be labelled is named beside the others. @throws what a lone one, or the last of none, failed with. */
async function answerOf(
  pictures: readonly NamedPicture[],
  lease: ModelLease,
  work: PictureWork,
): Promise<z.input<typeof OriginalAnswer>> {
  const several = pictures.length > 1;
  const outcomes = await Promise.all(
    pictures.map(async (picture) => {
      try {
        const { predictions } = await work.classify(lease, await picture.read(), entries);
        return { picture, predictions };
      } catch (thrown) {
        if (several && thrown instanceof RookeryError && isOfPicture(thrown.code)) return { picture, error: thrown };
        throw thrown;
      }
    }),
  );
  const failed = outcomes.flatMap(({ picture, error }) => (error ? [{ source: picture.name, error }] : []));
  const last = failed.at(-1);
  if (last && failed.length === pictures.length) throw last.error;
  return {
    results: outcomes.flatMap(({ picture, predictions = [] }) =>
      predictions.map(({ label, score }) => ({
        conf: Number(score.toFixed(2)),
        class: label,
        ...(several && { source: picture.name }),
      })),
    ),
    ...(failed.length > 0 && {
      failed: failed.map(({ source, error: { code } }) => ({ source, code, message: errorMessage(code) })),
    }),
  };
}
