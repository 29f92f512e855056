import { createHmac } from 'node:crypto';
import { RookeryError } from '@rookery/contracts';

export interface WebhookMessage {
  /** The same at every attempt: receivers tell repeats by it. */
  readonly id: string;
  readonly body: string;
}

/** Signs messages in the form of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, one signature for each secret. */
export class WebhookSigner {
  readonly #secrets: readonly Buffer[];

  /** @throws {RookeryError} CONFIG_INVALID */
  constructor(secrets: readonly string[]) {
    if (secrets.length === 0) throw new RookeryError('CONFIG_INVALID', { detail: 'webhooks need a secret' });
    this.#secrets = secrets.map(secretIn);
  }

  /** Headers of an attempt at this time: a signature is not good for ever. */
  headersOf({ id, body }: WebhookMessage, now: Date): Record<string, string> {
    const timestamp = String(Math.floor(now.getTime() / 1_000));
    const signatures = this.#secrets.map(
      (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
    );
    return {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatures.join(' '),
    };
  }
}

function secretIn(text: string): Buffer {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const secret = Buffer.from(base64, 'base64');
  if (secret.byteLength >= 24 && secret.byteLength <= 64) return secret;
  const detail = "a webhook's secret is whsec_ and 24 to 64 random bytes in Base64: whsec_$(openssl rand -base64 32)";
  throw new RookeryError('CONFIG_INVALID', { detail });
}
