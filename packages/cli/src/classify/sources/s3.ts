import { asRookeryError, type ErrorCode, RookeryError } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { openStoreOf } from '../../store.ts';
import type { Source } from '../picture.ts';
import { type ExpandOptions, failedSource } from './expand-options.ts';
import { looksLikePicture } from './suffixes.ts';

/** `s3://bucket/key` is one object; `s3://bucket`, `s3://bucket/prefix/` all pictures below it. */
export async function* expandS3(name: string, options: ExpandOptions): AsyncGenerator<Source> {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(name) ?? [];
  const store = await openStoreOf(`s3://${bucket}`, options.config);
  if (key !== '' && !key.endsWith('/')) {
    yield objectSource(store, `s3://${bucket}/${key}`, key, undefined, options);
    return;
  }
  let count = 0;
  try {
    for await (const page of store.list(key, { signal: options.signal })) {
      for (const info of page) {
        if (!looksLikePicture(info.key)) continue;
        count += 1;
        yield objectSource(store, `s3://${bucket}/${info.key}`, info.key, info.sizeBytes, options);
      }
    }
  } catch (error) {
    yield failedSource(name, asSourceError(error, name));
    return;
  }
  if (count === 0) options.notice(`${name}: no pictures in it`);
}

const objectSource = (
  store: ObjectStore,
  name: string,
  key: string,
  sizeBytes: number | undefined,
  { config }: ExpandOptions,
): Source => ({
  name,
  async read({ signal, reserve }) {
    const { maxBytes, maxUrlBytes } = config.classify;
    await reserve(Math.min(maxBytes, sizeBytes ?? maxUrlBytes));
    try {
      return (await store.get(key, { maxBytes, signal })).body;
    } catch (error) {
      throw asSourceError(error, name);
    }
  },
});

const codes: Partial<Record<ErrorCode, ErrorCode>> = {
  OBJECT_NOT_FOUND: 'SOURCE_NOT_FOUND',
  OBJECT_TOO_LARGE: 'SOURCE_TOO_MANY_BYTES',
  OBJECT_CHANGED: 'SOURCE_CHANGED',
  STORE_NOT_FOUND: 'SOURCE_NOT_FOUND',
  STORE_DENIED: 'SOURCE_DENIED',
  STORE_UNAVAILABLE: 'SOURCE_UNREADABLE',
  KEY_INVALID: 'SOURCE_NOT_FOUND',
};

/** A picture's error says what became of the source, whichever store it lies in. */
function asSourceError(thrown: unknown, name: string): RookeryError {
  const error = asRookeryError(thrown, 'SOURCE_UNREADABLE');
  const code = codes[error.code];
  return code ? new RookeryError(code, { detail: error.detail ?? name, cause: error }) : error;
}
