import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { RookeryError, type UploadAddressQuery } from '@rookery/contracts';

type Unsigned = Omit<UploadAddressQuery, 'signature'>;

/** Addresses of this service that let whoever has them put one picture: its name, size, type and how long, signed (HMAC-SHA256). */
export class UploadAddresses {
  readonly #secret: Buffer;

  constructor(secret: string | undefined) {
    this.#secret =
      secret === undefined ? randomBytes(32) : createHmac('sha256', 'rookery uploads').update(secret).digest();
  }

  of(upload: string, file: Unsigned): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
    const { name, bytes, type, until } = file;
    const query = new URLSearchParams({
      name,
      bytes: String(bytes),
      ...(type !== undefined && { type }),
      until: String(until),
      signature: this.#sign(upload, file),
    });
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    return { url: `/v1/uploads/${upload}/picture?${query}`, headers };
  }

  /** @throws {RookeryError} UPLOAD_ADDRESS_INVALID */
  check(upload: string, query: UploadAddressQuery): void {
    const [ours, theirs] = [Buffer.from(this.#sign(upload, query)), Buffer.from(query.signature)];
    const isOurs = ours.length === theirs.length && timingSafeEqual(ours, theirs);
    if (!isOurs) throw new RookeryError('UPLOAD_ADDRESS_INVALID');
    if (Date.now() > query.until) throw new RookeryError('UPLOAD_ADDRESS_INVALID', { detail: 'ask for another one' });
  }

  #sign(upload: string, { name, bytes, type, until }: Unsigned): string {
    const text = JSON.stringify([upload, name, bytes, type ?? null, until]);
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
}
