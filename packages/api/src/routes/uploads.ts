import {
  RookeryError,
  UploadAddressQuery,
  UploadGrant,
  UploadId,
  UploadRequest,
  UploadState,
  UploadStateQuery,
} from '@rookery/contracts';
import * as z from 'zod';
import type { ApiInstance } from '../api-instance.ts';
import type { ZodTypeProvider } from '../http/zod-provider.ts';
import type { Uploads } from '../uploads/uploads.ts';
import type { JobScope } from './job-scope.ts';

const tags = ['Uploads'];
const params = z.object({ upload: UploadId });

/** `/v1/uploads`: addresses that pictures are put to. */
export async function uploadRoutes(app: ApiInstance, { jobs }: JobScope): Promise<void> {
  const uploads = (): Uploads => {
    const { uploads } = jobs();
    if (uploads) return uploads;
    throw new RookeryError('ROUTE_NOT_FOUND', { detail: 'this service takes no uploads' });
  };

  app.post(
    '/v1/uploads',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'createUpload',
        summary: 'Ask for addresses to put pictures to',
        description: `Straight into the bucket, on the store's own presigned addresses; where the store is a folder, on addresses of this service.
Each is good for one picture of the announced size and type. A job with \`{"source": {"kind": "upload", "upload": ...}}\` labels what has arrived.`,
        tags,
        body: UploadRequest,
        response: { 201: UploadGrant },
      },
    },
    async ({ body }, reply) => reply.code(201).send(await uploads().grant(body)),
  );

  app.get(
    '/v1/uploads/:upload',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'getUpload',
        summary: 'What of an upload has arrived',
        tags,
        params,
        querystring: UploadStateQuery,
        response: { 200: UploadState },
      },
    },
    async ({ params: { upload }, query: { cursor } }) => uploads().state(upload, cursor),
  );

  await app.register(async (plain) => {
    const scope: ApiInstance = plain.withTypeProvider<ZodTypeProvider>();
    // The picture goes into the store as it comes.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.put(
      '/v1/uploads/:upload/picture',
      {
        // The address itself says what may be done.
        config: { access: 'public' },
        schema: { hide: true, params, querystring: UploadAddressQuery },
      },
      async ({ params: { upload }, query, headers, body, raw }, reply) => {
        const type = headers['content-type'];
        const length = headers['content-length'];
        if (length !== undefined && Number(length) !== query.bytes) {
          void reply.header('connection', 'close');
          throw new RookeryError('UPLOAD_ADDRESS_INVALID', { detail: `it is for ${query.bytes} bytes` });
        }
        await uploads().put(upload, query, { type, chunks: (body as AsyncIterable<Uint8Array> | undefined) ?? raw });
        return reply.code(200).send();
      },
    );
  });
}
