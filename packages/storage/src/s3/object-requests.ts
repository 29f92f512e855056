import type { Readable } from 'node:stream';

/** What an answer tells about an object. */
export interface Described {
  readonly ContentLength?: number | undefined;
  readonly ContentRange?: string | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly VersionId?: string | undefined;
}

/** Which state of an object, and what of it. */
export interface Wanted {
  readonly ifMatch?: string | undefined;
  readonly versionId?: string | undefined;
  readonly range?: { readonly start: number; readonly end: number } | undefined;
}

export interface NewObject {
  readonly body: Uint8Array;
  readonly contentType?: string | undefined;
  readonly ifAbsent: boolean;
}

/**
 * The three requests that are sent once a picture: through the SDK, or lean. Both throw errors of one form (`s3Error` reads it). Keys
 * are whole, with the store's prefix.
 */
export interface ObjectRequests {
  get(key: string, wanted: Wanted, signal: AbortSignal | undefined): Promise<Described & { readonly body: Readable }>;
  head(key: string, wanted: Wanted, signal: AbortSignal | undefined): Promise<Described>;
  put(key: string, object: NewObject, signal: AbortSignal | undefined): Promise<void>;
}

/** The first and last byte as a header has them. */
export const rangeHeader = ({ start, end }: { start: number; end: number }): string => `bytes=${start}-${end}`;
