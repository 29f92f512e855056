import type { IncomingMessage } from 'node:http';
import multipart from '@fastify/multipart';
import { ModelReference, RookeryError, Top } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import type { ApiLimits } from '../limits.ts';
import { lengthOf } from '../plugins/picture-requests.ts';
import { check } from './check.ts';
import { partsOf, pictureForms } from './form-parts.ts';

/** What is asked of all pictures of a request. */
export interface PictureSettings {
  readonly model: string | undefined;
  readonly top: number;
  /** Also where the model looked. */
  readonly explain: boolean;
}

/** A file of a form. */
export interface FormPicture {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly settings: PictureSettings;
}

/** The fields of a form, for the documentation. */
export const ClassifyForm = z.object({
  model: ModelReference.optional(),
  top: z.coerce.number().int().min(1).max(1000).optional(),
  explain: z.enum(['true', 'false']).optional(),
  file: z.file().describe('a picture; any number of files, under any names'),
});

const fields = z.strictObject({
  model: ModelReference.optional(),
  top: z.coerce.number().pipe(Top).optional(),
  explain: z.enum(['true', 'false']).optional(),
});

/** For a scope whose routes take pictures: as they are, as a form, and JSON; each byte is counted as it comes. */
export async function pictureBodies(app: ApiInstance, { limits }: ApiContext): Promise<void> {
  const length = (request: FastifyRequest) => ({ length: lengthOf(request) });
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser(
    /^(image\/|application\/octet-stream)/,
    (request: FastifyRequest, payload: IncomingMessage) =>
      request.work.read(payload, { maxBytes: limits.pictureBytes, ...length(request) }),
  );
  app.addContentTypeParser(
    'application/json',
    async (request: FastifyRequest, payload: IncomingMessage): Promise<unknown> => {
      const bytes = await request.work.read(payload, { maxBytes: limits.bodyBytes, ...length(request) });
      try {
        return JSON.parse(Buffer.from(bytes.buffer).toString('utf8'));
      } catch (cause) {
        throw new RookeryError('REQUEST_INVALID', { detail: 'the body is not JSON', cause });
      }
    },
  );
  await app.register(multipart, {
    ...pictureForms,
    limits: {
      fileSize: limits.pictureBytes + 1,
      files: limits.pictures,
      fields: 8,
      parts: limits.pictures + 8,
      fieldSize: 4_096,
      fieldNameSize: 100,
      headerPairs: 32,
    },
  });
}

/** The files of a form, in its order, with the fields that stand before them. @throws REQUEST_INVALID, REQUEST_TOO_LARGE, SOURCE_TOO_MANY_BYTES */
export async function* formPictures(
  request: FastifyRequest,
  limits: ApiLimits,
  defaults: PictureSettings,
): AsyncGenerator<FormPicture> {
  const given: Record<string, unknown> = {};
  let settings = defaults;
  let files = 0;
  for await (const part of partsOf(request)) {
    if (part.type === 'file') {
      const bytes = await request.work.read(part.file, { maxBytes: limits.pictureBytes });
      yield { name: part.filename || String(files), bytes, settings };
      files += 1;
    } else {
      if (files > 0)
        throw new RookeryError('REQUEST_INVALID', {
          detail: `the field "${part.fieldname}" must stand before the files`,
        });
      given[part.fieldname] = part.value;
      const read = check(fields, given, 'form');
      settings = {
        model: read.model ?? defaults.model,
        top: read.top ?? defaults.top,
        explain: read.explain === undefined ? defaults.explain : read.explain === 'true',
      };
    }
  }
}
