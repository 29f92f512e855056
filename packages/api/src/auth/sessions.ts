import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyStore, StoredKey } from './key-store.ts';
import { equalTexts } from './key-text.ts';

export const sessionCookie = 'rookery_session';

/** A page that exchanged a key. */
export interface PageSession {
  /** The cookie's value. */
  readonly token: string;
  readonly key: StoredKey;
  /** To be sent with everything that changes something: a page elsewhere cannot read it. */
  readonly csrfToken: string;
  readonly expiresAt: Date;
}

export interface SessionsOptions {
  readonly keys: KeyStore;
  /** The same on every instance behind one address; random where nothing is said, then sessions end with the process. */
  readonly secret?: string | undefined;
  /** @default 12 hours */
  readonly ttlMs?: number | undefined;
}

/** Sessions without a store: a token says whose key it was and until when, and is signed. It ends with its key. */
export class Sessions {
  readonly #keys: KeyStore;
  readonly #secret: Buffer;
  readonly #ttlMs: number;
  /** Logged out before their time: until when they would have lasted. */
  readonly #ended = new Map<string, number>();

  constructor({ keys, secret, ttlMs = 12 * 3_600_000 }: SessionsOptions) {
    this.#keys = keys;
    this.#secret = Buffer.from(hkdfSync('sha256', secret ?? randomBytes(32), '', 'rookery sessions', 32));
    this.#ttlMs = ttlMs;
  }

  begin(key: StoredKey): PageSession {
    const expiresAt = Date.now() + this.#ttlMs;
    const claim = `${key.id}.${expiresAt.toString(36)}.${randomBytes(16).toString('base64url')}`;
    return this.#session(`${claim}.${this.#sign('session', claim)}`, key, expiresAt);
  }

  /** The session of a cookie, if it is one that goes on. */
  find(token: string): PageSession | undefined {
    const [, claim = '', id = '', expires = '', signature = ''] =
      /^(([a-z0-9]{10})\.([a-z0-9]{1,12})\.[\w-]{22})\.([\w-]{43})$/.exec(token) ?? [];
    if (!equalTexts(signature, this.#sign('session', claim))) return undefined;
    const expiresAt = Number.parseInt(expires, 36);
    const key = expiresAt > Date.now() && !this.#ended.has(token) ? this.#keys.get(id) : undefined;
    return key && this.#session(token, key, expiresAt);
  }

  end({ token, expiresAt }: PageSession): void {
    for (const [ended, until] of this.#ended) if (until <= Date.now()) this.#ended.delete(ended);
    this.#ended.set(token, expiresAt.getTime());
  }

  #session(token: string, key: StoredKey, expiresAt: number): PageSession {
    return { token, key, csrfToken: this.#sign('csrf', token), expiresAt: new Date(expiresAt) };
  }

  #sign(purpose: string, text: string): string {
    return createHmac('sha256', this.#secret).update(`${purpose} ${text}`).digest('base64url');
  }
}
