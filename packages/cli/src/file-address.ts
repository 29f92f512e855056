import { fileURLToPath } from 'node:url';
import { type ErrorCode, RookeryError } from '@rookery/contracts';

/** The path that a `file://` address names. @throws {RookeryError} `code`, where it names none of this machine. */
export function pathOfFileAddress(address: string, code: ErrorCode = 'USAGE'): string {
  try {
    return fileURLToPath(address);
  } catch (cause) {
    throw new RookeryError(code, {
      detail: `${address}: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}
