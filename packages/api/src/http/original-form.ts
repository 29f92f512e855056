import type { IncomingMessage } from 'node:http';
import multipart from '@fastify/multipart';
import { RookeryError } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { lengthOf } from '../plugins/picture-requests.ts';
import { partsOf, pictureForms } from './form-parts.ts';

/** What the original's call may be asked for, in the query or as fields of a form. */
export const OriginalQuery = z.object({
  source: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('address of a picture; path of a file or folder below --local-root'),
  save_labels: z.string().max(8).optional().describe('T: labels as JSON; otherwise the annotated pictures'),
});

export const OriginalForm = OriginalQuery.extend({ myfile: z.file().optional().describe('the picture') });

export interface OriginalRequest {
  readonly source: string | undefined;
  readonly saveLabels: boolean;
  readonly file: { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;
}

const formBytes = 16_384;

/** For the scope of the original's call: forms with and without a file. */
export async function originalBodies(app: ApiInstance, { limits }: ApiContext): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    async (request: FastifyRequest, payload: IncomingMessage): Promise<unknown> => {
      const bytes = await request.work.read(payload, { maxBytes: formBytes, length: lengthOf(request) });
      return Object.fromEntries(new URLSearchParams(Buffer.from(bytes).toString('utf8')));
    },
  );
  await app.register(multipart, {
    ...pictureForms,
    limits: { fileSize: limits.pictureBytes + 1, files: 1, fields: 8, parts: 9, fieldSize: 4_096, headerPairs: 32 },
  });
}

/** A field wins over the query; fields stand in any order. */
export async function readOriginal(
  request: FastifyRequest,
  query: z.output<typeof OriginalQuery>,
  maxBytes: number,
): Promise<OriginalRequest> {
  const fields = new Map<string, unknown>(Object.entries(query));
  let file: OriginalRequest['file'];
  if (request.isMultipart()) {
    for await (const part of partsOf(request)) {
      if (part.type === 'field') fields.set(part.fieldname, part.value);
      else if (part.fieldname === 'myfile')
        file = { name: part.filename || 'myfile', bytes: await request.work.read(part.file, { maxBytes }) };
      else
        throw new RookeryError('REQUEST_INVALID', {
          detail: `a file in "${part.fieldname}": it belongs into "myfile"`,
        });
    }
  } else if (typeof request.body === 'object' && request.body !== null) {
    for (const [name, value] of Object.entries(request.body)) fields.set(name, value);
  }
  const source = fields.get('source');
  const saveLabels = fields.get('save_labels');
  return {
    source: typeof source === 'string' ? source : undefined,
    saveLabels: typeof saveLabels === 'string' && /^(t|true|1)$/i.test(saveLabels),
    file,
  };
}
