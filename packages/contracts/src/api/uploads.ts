import * as z from 'zod';

/** Names an upload: a set of pictures that is about to become a job. */
export const UploadId = z.string().regex(/^[a-z0-9-]{8,64}$/, 'must be 8 to 64 lower-case letters, digits or "-"');

/** A picture that a client has and the bucket does not. */
const UploadFile = z.strictObject({
  name: z.string().min(1).max(512).describe('file name or relative path; unique within the upload'),
  sizeBytes: z.int().min(1),
  type: z.string().max(100).optional().describe('content type, such as image/jpeg'),
});

/** The body of `POST /v1/uploads`: asks for addresses to put pictures to. */
export const UploadRequest = z
  .strictObject({
    upload: UploadId.optional().describe('adds to this upload, or asks again for addresses that have run out'),
    files: z.array(UploadFile).min(1).max(1000),
  })
  .meta({ id: 'UploadRequest' });
export type UploadRequest = z.infer<typeof UploadRequest>;

/**
 * Where one picture goes: a request with this method, these headers and the picture's bytes as body. The address is the store's own
 * (presigned), or a path of this service where the store has none.
 */
export const UploadSlot = z
  .object({
    name: z.string(),
    key: z.string().describe('where it will lie in the bucket'),
    method: z.literal('PUT'),
    url: z.string().describe('absolute, or a path of this service'),
    headers: z.record(z.string(), z.string()),
  })
  .meta({ id: 'UploadSlot' });
export type UploadSlot = z.infer<typeof UploadSlot>;

/** The answer of `POST /v1/uploads`: `slots` in the order of the request's files. */
export const UploadGrant = z
  .object({
    upload: UploadId,
    slots: z.array(UploadSlot),
    expiresAt: z.iso.datetime().describe('of the addresses; ask again for what has not arrived'),
  })
  .meta({ id: 'UploadGrant' });
export type UploadGrant = z.infer<typeof UploadGrant>;

/** A page of `GET /v1/uploads/{upload}`. */
export const UploadStateQuery = z.object({ cursor: z.string().max(2000).optional() });

/** The query of an address of this service that a picture is put to: signed, so that nothing in it can be changed. */
export const UploadAddressQuery = z.object({
  name: z.string().min(1).max(512),
  bytes: z.coerce.number().int().min(1),
  type: z.string().max(100).optional(),
  until: z.coerce.number().int().describe('milliseconds since the epoch'),
  signature: z.string().regex(/^[\w-]{43}$/),
});
export type UploadAddressQuery = z.infer<typeof UploadAddressQuery>;

/** The answer of `GET /v1/uploads/{upload}`: what has arrived, so that a client goes on where it was cut. */
export const UploadState = z
  .object({
    upload: UploadId,
    files: z.array(z.object({ name: z.string(), sizeBytes: z.int() })),
    next: z.string().nullable().describe('cursor of the next page; null on the last one'),
  })
  .meta({ id: 'UploadState' });
export type UploadState = z.infer<typeof UploadState>;
