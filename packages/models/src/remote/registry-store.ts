/** What a registry needs of a store of objects; `ObjectStore` of @rookery/storage is one. Keys are relative to its prefix. */
export interface RegistryStore extends AsyncDisposable {
  readonly location: string;
  get(key: string): Promise<{ readonly body: Uint8Array }>;
  read(
    key: string,
    options?: { range?: { start: number; end: number } | undefined; signal?: AbortSignal | undefined },
  ): Promise<{ readonly chunks: AsyncIterable<Uint8Array> }>;
  /** `exists`: nothing was written, since `ifAbsent` was asked and something lies there. */
  put(key: string, body: Uint8Array | string, options?: { ifAbsent?: boolean }): Promise<'created' | 'exists'>;
  write(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
    options?: { ifAbsent?: boolean; signal?: AbortSignal | undefined },
  ): Promise<'created' | 'exists'>;
  head(key: string): Promise<{ readonly sizeBytes: number } | undefined>;
  delete(keys: readonly string[]): Promise<void>;
  /** Pages in the order of the keys' UTF-8 bytes. */
  list(prefix: string): AsyncIterable<readonly { readonly key: string }[]>;
}
