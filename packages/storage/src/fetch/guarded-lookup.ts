import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { RookeryError } from '@rookery/contracts';
import { isPublicAddress } from './address-guard.ts';

/** Resolves a name to all of its addresses. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Whether addresses that are not of the public internet may be connected to: all, none, or those that the function agrees to. */
export type AllowPrivate = boolean | ((address: string) => boolean);

export const resolveName: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

const refused = (hostname: string, why: string) => new RookeryError('URL_REFUSED', { detail: `${hostname}: ${why}` });

/**
 * The addresses of a host, every one of them checked: a name with one address inside the network is refused as a whole.
 * @throws {RookeryError} URL_REFUSED, URL_FAILED where the name has no address.
 */
export async function checkedAddresses(
  hostname: string,
  options: { allowPrivate: AllowPrivate; resolve: Resolve },
): Promise<readonly LookupAddress[]> {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const family = isIP(bare);
  let addresses: readonly LookupAddress[];
  // This machine, whatever a resolver makes of it (RFC 6761).
  if (/(^|\.)localhost\.?$/i.test(bare) && options.allowPrivate === false) throw refused(hostname, 'this machine');
  if (family !== 0) addresses = [{ address: bare, family }];
  else {
    try {
      addresses = await options.resolve(bare);
    } catch (cause) {
      throw new RookeryError('URL_FAILED', { detail: `${hostname} has no address`, cause });
    }
  }
  if (addresses.length === 0) throw new RookeryError('URL_FAILED', { detail: `${hostname} has no address` });
  const { allowPrivate } = options;
  const mayConnect = (address: string): boolean =>
    isPublicAddress(address) || (typeof allowPrivate === 'function' ? allowPrivate(address) : allowPrivate);
  const inside = addresses.find(({ address }) => !mayConnect(address));
  if (inside) throw refused(hostname, 'not an address of the public internet');
  return addresses;
}

/** For a connection that must go to exactly these addresses, whatever the name resolves to by then. */
export const pinnedTo =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else if (first) callback(null, first.address, first.family);
    else callback(new Error('no address'), '', 0);
  };
