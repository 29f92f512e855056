import { RookeryError } from '@rookery/contracts';

/** @throws {RookeryError} URL_REFUSED where it is no address, also relative to `base`. */
export function parseAddress(address: string, base?: URL): URL {
  try {
    return new URL(address, base);
  } catch (cause) {
    throw new RookeryError('URL_REFUSED', { detail: `${JSON.stringify(address.slice(0, 200))} is no address`, cause });
  }
}
