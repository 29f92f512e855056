import { createReadStream } from 'node:fs';
import { RookeryError } from '@rookery/contracts';
import { isMissing, systemCode } from '../folder/version-folder.ts';

interface DownloadOptions {
  /** Reading ends here, without an error: the caller knows how many bytes there should be. */
  readonly maxBytes: number;
  /** Longest wait for the answer and for the next piece of it. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (receivedBytes: number) => void;
}

/** The bytes behind an `http(s)://` or `file://` address, at most `maxBytes` of them. */
export async function downloadBytes(address: URL, options: DownloadOptions): Promise<Uint8Array> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, idle.signal]) : idle.signal;
  try {
    return await gather(await openSource(address, signal), options, () => timer.refresh());
  } catch (error) {
    throw named(error, address, options, idle.signal.aborted);
  } finally {
    clearTimeout(timer);
    // Ends a body that was not read to its end.
    idle.abort();
  }
}

async function openSource(address: URL, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  if (address.protocol === 'file:') return createReadStream(address, { signal });
  // fetch refuses addresses with credentials.
  const { username, password } = address;
  const plain = new URL(address);
  plain.username = plain.password = '';
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = username || password ? { authorization: `Basic ${btoa(credentials)}` } : {};
  const answer = await fetch(plain, { signal, headers });
  if (answer.ok && answer.body) return answer.body;
  await answer.body?.cancel();
  const detail = `${shown(address)} answered ${answer.status}`;
  if ([404, 410].includes(answer.status)) throw new RookeryError('SOURCE_NOT_FOUND', { detail });
  if ([401, 403, 407].includes(answer.status)) throw new RookeryError('SOURCE_DENIED', { detail });
  throw new RookeryError('SOURCE_UNREADABLE', { detail, retryable: answer.status >= 500 || answer.status === 429 });
}

async function gather(
  source: AsyncIterable<Uint8Array>,
  { maxBytes, onProgress }: DownloadOptions,
  onPiece: () => void,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let received = 0;
  for await (const piece of source) {
    onPiece();
    pieces.push(piece.subarray(0, maxBytes - received));
    received += piece.byteLength;
    onProgress(Math.min(received, maxBytes));
    if (received >= maxBytes) break;
  }
  return Buffer.concat(pieces);
}

function named(error: unknown, address: URL, options: DownloadOptions, timedOut: boolean): RookeryError {
  if (error instanceof RookeryError) return error;
  if (options.signal?.aborted) return new RookeryError('ABORTED', { detail: shown(address), cause: error });
  const detail = `${shown(address)}: ${reason(error)}`;
  if (timedOut)
    return new RookeryError('TIMED_OUT', { detail: `${shown(address)}: nothing came for ${options.timeoutMs} ms` });
  if (isMissing(error)) return new RookeryError('SOURCE_NOT_FOUND', { detail, cause: error });
  if (['EACCES', 'EPERM'].includes(systemCode(error)))
    return new RookeryError('SOURCE_DENIED', { detail, cause: error });
  return new RookeryError('SOURCE_UNREADABLE', { detail, cause: error });
}

/** fetch says "fetch failed"; why is in its cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Without credentials and queries: for messages. */
const shown = (address: URL): string => `${address.protocol}//${address.host}${address.pathname}`;
