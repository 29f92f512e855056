import { RookeryError } from '@rookery/contracts';

/**
 * `redis://user:password@host:port/database`, `rediss://` for TLS. What stands behind the database would become options of the client.
 *
 * @throws {RookeryError} CONFIG_INVALID
 */
export function checkRedisAddress(address: string): void {
  const invalid = (why: string) => new RookeryError('CONFIG_INVALID', { detail: `the address of Redis: ${why}` });
  if (!URL.canParse(address)) throw invalid('it is none');
  const { pathname, search, hash } = new URL(address);
  if (!/^\/?\d*$/.test(pathname)) throw invalid(`a database is a number, not ${JSON.stringify(pathname.slice(1))}`);
  if (search !== '' || hash !== '') throw invalid('nothing may stand behind the host and the number of the database');
}
