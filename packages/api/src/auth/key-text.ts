import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `rk_<id>_<secret>`: the id finds the key, the secret is 256 random bits, which no hash can be searched for. */
const form = /^rk_([a-z0-9]{10})_[A-Za-z0-9_-]{43}$/;

export interface NewKey {
  readonly id: string;
  /** Shown once, kept nowhere. */
  readonly text: string;
  readonly hash: string;
}

export function newKey(): NewKey {
  const id = randomBytes(8).readBigUInt64BE().toString(36).padStart(10, '0').slice(-10);
  const text = `rk_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, text, hash: hashOf(text) };
}

/** The id of what looks like a key. */
export const idIn = (text: string): string | undefined => form.exec(text)?.[1];

/** SHA-256 is enough for a secret of 256 random bits: there is nothing to guess from. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Takes as long whatever differs. */
export function equalTexts(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
