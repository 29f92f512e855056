import { RookeryError } from '@rookery/contracts';

/**
 * A key as S3 writes it into event notifications and inventories: form encoded, so that `+` is a space and everything else outside the
 * unreserved characters is percent-encoded UTF-8. @throws {RookeryError} KEY_INVALID
 */
export function decodeFormKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch (cause) {
    throw new RookeryError('KEY_INVALID', { detail: `not a form encoded key: ${encoded.slice(0, 200)}`, cause });
  }
}
