import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf, RookeryError } from '@rookery/contracts';
import { type CataloguedFile, type CataloguedModel, findCatalogued } from './catalog.ts';
import { downloadBytes } from './download.ts';

export interface FetchCataloguedOptions {
  /**
   * Where the files are instead of at their own addresses: `http(s)://` or `file://`, holding each file under its name
   * (`<mirror>/inat_bird_labels.txt`).
   */
  readonly mirror?: string | undefined;
  /** Leaves out the catalogue's labels, for somebody who has others. */
  readonly withoutLabels?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for an answer and between two pieces of it. 30 seconds where nothing is said. */
  readonly timeoutMs?: number | undefined;
  /** Called as bytes come in. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

export interface DownloadProgress {
  readonly file: string;
  readonly receivedBytes: number;
  readonly sizeBytes: number;
}

export interface FetchedModel {
  readonly entry: CataloguedModel;
  readonly model: Uint8Array;
  /** Empty where they were left out. */
  readonly labels: Uint8Array;
}

const attempts = 3;
const pauseMs = 500;

/**
 * Downloads a model of the catalogue and its labels, all of it verified by their digests; nothing is written to disk. A proxy is used where
 * Node's own `fetch` does (`NODE_USE_ENV_PROXY=1` with `HTTPS_PROXY`, Node 22.21 and 24 on).
 * @throws {RookeryError} MODEL_NOT_FOUND for another name; MODEL_CORRUPT with both digests where the bytes are others;
 * SOURCE_NOT_FOUND, SOURCE_DENIED, SOURCE_UNREADABLE, TIMED_OUT, ABORTED; CONFIG_INVALID for a mirror that is no address.
 */
export async function fetchCatalogued(name: string, options: FetchCataloguedOptions = {}): Promise<FetchedModel> {
  const entry = await findCatalogued(name);
  const labels = options.withoutLabels ? new Uint8Array() : await fetchFile(entry.labels, options);
  return { entry, labels, model: await fetchFile(entry, options) };
}

async function fetchFile(file: CataloguedFile, options: FetchCataloguedOptions): Promise<Uint8Array> {
  const address = addressOf(file, options.mirror);
  for (let attempt = 1; ; attempt++) {
    try {
      return verified(file, await download(file, address, options));
    } catch (error) {
      const again = error instanceof RookeryError && error.retryable && attempt < attempts;
      if (!again || options.signal?.aborted) throw error;
      await sleep(pauseMs * attempt * (0.5 + Math.random()), undefined, { signal: options.signal }).catch(() => {});
    }
  }
}

const download = (file: CataloguedFile, address: URL, options: FetchCataloguedOptions): Promise<Uint8Array> =>
  downloadBytes(address, {
    // One more than there should be: enough to see that it is another file.
    maxBytes: file.sizeBytes + 1,
    timeoutMs: options.timeoutMs ?? 30_000,
    signal: options.signal,
    onProgress: (receivedBytes) => options.onProgress?.({ file: file.file, receivedBytes, sizeBytes: file.sizeBytes }),
  });

function verified(file: CataloguedFile, bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength > file.sizeBytes)
    throw new RookeryError('MODEL_CORRUPT', { detail: `${file.file}: expected ${file.sizeBytes} bytes, got more` });
  const found = digestOf(bytes);
  if (found === file.digest) return bytes;
  throw new RookeryError('MODEL_CORRUPT', {
    detail: `${file.file}: expected ${file.digest}, found ${found} (${bytes.byteLength} of ${file.sizeBytes} bytes)`,
  });
}

function addressOf(file: CataloguedFile, mirror: string | undefined): URL {
  if (mirror === undefined) return new URL(file.address);
  const address = URL.canParse(mirror) ? new URL(mirror) : undefined;
  if (!address || !['http:', 'https:', 'file:'].includes(address.protocol))
    throw new RookeryError('CONFIG_INVALID', {
      detail: `the catalogue's mirror "${mirror}" should be an http://, https:// or file:// address`,
    });
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/${file.file}`;
  return address;
}
