import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson, type ModelManifest, RookeryError } from '@rookery/contracts';
import * as z from 'zod';

/** An ed25519 signature (RFC 8032) over the canonical JSON of a version's manifest, and so over the digest of every file. */
export const Signature = z.object({
  v: z.literal(1),
  algorithm: z.literal('ed25519'),
  /** The first 16 hexadecimal digits of the SHA-256 of the public key (SPKI, DER). */
  key: z.string().regex(/^[0-9a-f]{16}$/),
  /** Base64. */
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
});
export type Signature = z.infer<typeof Signature>;

const messageOf = (manifest: ModelManifest): Buffer => Buffer.from(canonicalJson(manifest));

const keyId = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

/** @param pem a private key, PKCS#8. @throws {RookeryError} CONFIG_INVALID where it is no ed25519 key. */
export function signManifest(manifest: ModelManifest, pem: string): Signature {
  const key = keyOf(() => createPrivateKey(pem), 'a private key');
  const signature = sign(null, messageOf(manifest), key).toString('base64');
  return { v: 1, algorithm: 'ed25519', key: keyId(createPublicKey(key)), signature };
}

/** @param pem one public key or several, one after the other, SPKI. @throws {RookeryError} CONFIG_INVALID */
export function readPublicKeys(pem: string): KeyObject[] {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0)
    throw new RookeryError('CONFIG_INVALID', { detail: 'a file of trusted keys holds no public key in PEM' });
  return blocks.map((block) => keyOf(() => createPublicKey(block), 'a public key'));
}

/** @throws {RookeryError} SIGNATURE_INVALID unless one of the trusted keys has signed exactly this manifest. */
export function requireSignature(
  manifest: ModelManifest,
  signatures: readonly Signature[],
  trusted: readonly KeyObject[],
): void {
  const message = messageOf(manifest);
  const known = new Map(trusted.map((key) => [keyId(key), key]));
  const called = `${manifest.name}@${manifest.version}`;
  const ours = signatures.filter(({ key }) => known.has(key));
  for (const { key, signature } of ours)
    if (verify(null, message, known.get(key) as KeyObject, Buffer.from(signature, 'base64'))) return;
  const why =
    signatures.length === 0
      ? 'it is not signed'
      : ours.length === 0
        ? `it is signed by ${signatures.map(({ key }) => key).join(', ')}`
        : 'its manifest is not the one that was signed';
  throw new RookeryError('SIGNATURE_INVALID', { detail: `${called}: ${why}` });
}

function keyOf(read: () => KeyObject, what: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new RookeryError('CONFIG_INVALID', { detail: `this is not ${what} in PEM`, cause });
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new RookeryError('CONFIG_INVALID', { detail: `${what} should be ed25519, it is ${key.asymmetricKeyType}` });
  return key;
}
