import { BlockList, isIP } from 'node:net';

/** Every IPv4 network that is not the public internet (IANA special-purpose registry, RFC 6890), and what clouds keep for themselves. */
const notPublic4 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT; also metadata of some clouds
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, metadata
  ['168.63.129.16', 32], // host of a cloud's virtual machines
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
] as const) {
  notPublic4.addSubnet(network, bits);
}

/** Of IPv6 only 2000::/3 is the public internet, less these. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
const notPublic6 = new BlockList();
for (const [network, bits] of [
  ['2001::', 23], // Teredo, benchmarks, ORCHID and other protocol assignments
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: an IPv4 address in disguise, and no longer in use
  ['3fff::', 20], // documentation
] as const) {
  notPublic6.addSubnet(network, bits, 'ipv6');
}

/** Networks whose last 32 bits are an IPv4 address that is really meant: NAT64 (RFC 6052), IPv4-mapped. */
const embedding = new BlockList();
embedding.addSubnet('64:ff9b::', 96, 'ipv6');
embedding.addSubnet('::ffff:0:0', 96, 'ipv6');

/** The last 32 bits of an IPv6 address, dotted. */
function embedded4(address: string): string {
  // The parser of URLs writes the shortest form: at most two groups hold them.
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [high = '', low = ''] = short.split(':').slice(-2);
  const [a, b] = [Number.parseInt(high || '0', 16), Number.parseInt(low || '0', 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

/** Whether an IP address, in any valid spelling, belongs to the public internet. Everything that is no address does not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !notPublic4.check(address);
  if (family !== 6 || address.includes('%')) return false;
  if (embedding.check(address, 'ipv6')) return isPublicAddress(embedded4(address));
  return global6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}
