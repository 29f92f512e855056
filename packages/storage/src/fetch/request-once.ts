import type { IncomingMessage } from 'node:http';
import { RookeryError } from '@rookery/contracts';
import { type AllowPrivate, checkedAddresses, pinnedTo, type Resolve } from './guarded-lookup.ts';

export interface RequestOptions {
  readonly allowPrivate: AllowPrivate;
  readonly allowHttp: boolean;
  readonly resolve: Resolve;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  /** Sent by POST; without one it is a GET for a picture. */
  readonly post?: { readonly body: string; readonly headers: Readonly<Record<string, string>> } | undefined;
}

/** The protocol and host of an address, checked. @throws {RookeryError} URL_REFUSED */
export function checkUrl(url: URL, allowHttp: boolean): void {
  const refused = (why: string) => new RookeryError('URL_REFUSED', { detail: `${url.protocol}//${url.host}: ${why}` });
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('neither https nor http');
  if (url.protocol === 'http:' && !allowHttp) throw refused('http is not allowed');
  if (url.username !== '' || url.password !== '') throw refused('carries credentials');
}

/** One request to a checked address, no redirects followed. The answer's body belongs to the caller. */
export async function requestOnce(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  checkUrl(url, options.allowHttp);
  const addresses = await checkedAddresses(url.hostname, options);
  const { post } = options;
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      url,
      {
        // A connection of its own: one that is kept may have been opened before the check.
        agent: false,
        lookup: pinnedTo(addresses),
        signal: options.signal,
        method: post ? 'POST' : 'GET',
        headers: {
          'user-agent': options.userAgent,
          'accept-encoding': 'identity',
          ...(post
            ? { ...post.headers, 'content-length': Buffer.byteLength(post.body) }
            : { accept: 'image/*, application/octet-stream;q=0.5' }),
        },
      },
      resolve,
    );
    outgoing.once('error', reject);
    outgoing.end(post?.body);
  });
}
