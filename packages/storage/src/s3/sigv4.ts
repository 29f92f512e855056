import { createHash, createHmac } from 'node:crypto';

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface ToSign {
  readonly method: string;
  readonly host: string;
  /** Percent-encoded, as it is sent. */
  readonly path: string;
  /** Sorted and percent-encoded, as it is sent, without `?`. */
  readonly query: string;
  readonly body: Uint8Array | undefined;
}

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const emptyHash = sha256('');

/**
 * AWS Signature Version 4 for S3 ("Authenticating Requests: Using the Authorization Header", Amazon S3 API reference): signs the host and what
 * begins with `x-amz-`, which is what S3 demands. The derived key is kept for its day.
 */
export class Sigv4 {
  readonly #region: string;
  #derived: { readonly of: string; readonly key: Buffer } | undefined;

  constructor(region: string) {
    this.#region = region;
  }

  /** The headers that make the request authentic at `now`. */
  headers(request: ToSign, credentials: SigningKey, now: Date): Record<string, string> {
    const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const headers: Record<string, string> = {
      host: request.host,
      'x-amz-content-sha256': request.body ? sha256(request.body) : emptyHash,
      'x-amz-date': time,
      ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
    };
    const names = Object.keys(headers);
    const canonical = [
      request.method,
      request.path,
      request.query,
      ...names.map((name) => `${name}:${headers[name]}`),
      '',
      names.join(';'),
      headers['x-amz-content-sha256'],
    ].join('\n');
    const scope = `${day}/${this.#region}/s3/aws4_request`;
    const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
    const signature = hmac(this.#keyFor(day, credentials.secretAccessKey), toSign).toString('hex');
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
    return headers;
  }

  #keyFor(day: string, secret: string): Buffer {
    const of = `${day} ${secret}`;
    if (this.#derived?.of !== of) {
      const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), this.#region), 's3'), 'aws4_request');
      this.#derived = { of, key };
    }
    return this.#derived.key;
  }
}
