import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WandbState } from './state.ts';

/** An address that needs no key. */
export function presign(state: WandbState, base: string, method: 'GET' | 'PUT', key: string): string {
  const token = randomBytes(12).toString('hex');
  state.presigned.set(token, { key, method });
  return `${base}/storage/${token}`;
}

/** As S3 would: `Content-MD5` is checked, a `Range` is answered with 206. `cutAfter`: the connection ends after so many bytes. */
export function serveStorage(
  state: WandbState,
  token: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  cutAfter: number | undefined,
): void {
  const signed = state.presigned.get(token);
  if (!signed || signed.method !== request.method) return void response.writeHead(403).end('SignatureDoesNotMatch');
  if (signed.method === 'PUT') {
    if (request.headers['content-length'] === undefined)
      return void response.writeHead(411).end('MissingContentLength');
    const md5 = createHash('md5').update(body).digest('base64');
    const claimed = request.headers['content-md5'];
    if (claimed !== undefined && claimed !== md5) return void response.writeHead(400).end('BadDigest');
    state.objects.set(signed.key, body);
    return void response.writeHead(200, { etag: `"${Buffer.from(md5, 'base64').toString('hex')}"` }).end();
  }
  const bytes = state.objects.get(signed.key);
  if (!bytes) return void response.writeHead(404).end('NoSuchKey');
  sendBytes(bytes, request, response, cutAfter);
}

function sendBytes(
  bytes: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
  cutAfter: number | undefined,
): void {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), bytes.length - 1) : bytes.length - 1;
  if (range && start >= bytes.length) return void response.writeHead(416).end();
  const part = bytes.subarray(start, end + 1);
  response.writeHead(range ? 206 : 200, {
    'content-length': part.length,
    'accept-ranges': 'bytes',
    ...(range && { 'content-range': `bytes ${start}-${end}/${bytes.length}` }),
  });
  if (cutAfter === undefined || cutAfter >= part.length) return void response.end(part);
  response.write(part.subarray(0, cutAfter), () => response.destroy());
}
