/** What a listing or a head tells about an object. */
export interface ObjectInfo {
  readonly key: string;
  /** Changes with the contents. Without quotes, as opaque as the store makes it. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModified: Date;
  readonly versionId?: string;
}

export interface StoredObject extends ObjectInfo {
  /** The caller's own: nobody else reads or writes these bytes, and they may be transferred. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface GetOptions {
  /** OBJECT_TOO_LARGE beyond this, before the body is read where the store tells its size. Bytes. */
  maxBytes?: number | undefined;
  /** OBJECT_CHANGED where the object's etag is another one. */
  ifMatch?: string | undefined;
  versionId?: string | undefined;
  /** First and last byte, inclusive; an end beyond the object is cut. */
  range?: { start: number; end: number } | undefined;
  signal?: AbortSignal | undefined;
}

export interface PutOptions {
  /** Puts only where nothing lies under the key. */
  ifAbsent?: boolean | undefined;
  contentType?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface ListOptions {
  /** Only keys after this one, which need not exist. */
  startAfter?: string | undefined;
  /** At most this many objects a page (and a request); the store may give fewer. 1 to 1,000. */
  pageSize?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface PresignOptions {
  expiresMs: number;
  contentType?: string | undefined;
  /** What is put must have exactly so many bytes. Of no meaning where what is presigned is checked by nobody: a folder. */
  sizeBytes?: number | undefined;
}

/** An address that lets whoever has it do one thing for a while. */
export interface PresignedRequest {
  readonly url: string;
  readonly method: 'GET' | 'PUT';
  /** To be sent as they are. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Bytes under keys, below one prefix of one bucket or folder. Keys are relative to it: UTF-8, `/` between parts. Every adapter
 * passes `objectStoreConformance`.
 *
 * Errors: OBJECT_NOT_FOUND, OBJECT_CHANGED, OBJECT_TOO_LARGE, KEY_INVALID, STORE_NOT_FOUND (no such bucket; a folder is made), STORE_DENIED, STORE_FULL, STORE_UNAVAILABLE (after the
 * adapter's own retries), ABORTED.
 */
export interface ObjectStore extends AsyncDisposable {
  /** `s3://bucket/prefix/` or `file:///folder/`. */
  readonly location: string;

  get(key: string, options?: GetOptions): Promise<StoredObject>;
  /** As `get`, in pieces: for what may be larger than memory. Reading it to its end or `return()` frees the connection. */
  read(key: string, options?: GetOptions): Promise<ObjectInfo & { readonly chunks: AsyncIterable<Uint8Array> }>;
  /** `exists`: nothing was written, since `ifAbsent` was asked and something lies there. All or nothing, whatever dies. */
  put(key: string, body: Uint8Array | string, options?: PutOptions): Promise<'created' | 'exists'>;
  /** As `put`, from pieces: for what may be larger than memory. Nothing is visible before the last piece. */
  write(key: string, chunks: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<'created' | 'exists'>;
  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined>;
  /** Deletes all of them; what is not there is no error. */
  delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Pages of objects whose keys begin with `prefix`, in the order of the keys' UTF-8 bytes. One request a page. */
  list(prefix: string, options?: ListOptions): AsyncIterable<readonly ObjectInfo[]>;
  presign(method: 'GET' | 'PUT', key: string, options: PresignOptions): Promise<PresignedRequest>;
  /** Gives the object these tags; those of other names stay. Not for two writers of one object at once. */
  tag(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void>;
}
