import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../src/fetch/address-guard.ts';
import { fetchPicture } from '../src/index.ts';

/** What must never be connected to, as an attacker may write it. */
const refused = [
  ['loopback', 'https://127.0.0.1/'],
  ['loopback, any of its network', 'https://127.8.9.10/'],
  ['loopback as one number', 'https://2130706433/'],
  ['loopback in hexadecimal', 'https://0x7f000001/'],
  ['loopback in octal', 'https://0177.0.0.1/'],
  ['loopback, mixed', 'https://0x7f.0.0.01/'],
  ['loopback in short', 'https://127.1/'],
  ['loopback in full-width digits', 'https://１２７.０.０.１/'],
  ['loopback, percent-encoded', 'https://%31%32%37.0.0.1/'],
  ['loopback with ideographic dots', 'https://127。0。0。1/'],
  ['the unspecified address', 'https://0.0.0.0/'],
  ['the unspecified address in short', 'https://0/'],
  ['private 10/8', 'https://10.1.2.3/'],
  ['private 172.16/12', 'https://172.31.255.255/'],
  ['private 192.168/16', 'https://192.168.0.1/'],
  ['carrier-grade NAT', 'https://100.64.0.1/'],
  ['metadata of some clouds in that network', 'https://100.100.100.200/'],
  ['metadata', 'https://169.254.169.254/latest/meta-data/'],
  ['metadata as one number', 'https://2852039166/'],
  ['credentials of a container', 'https://169.254.170.2/v2/credentials/'],
  ["a cloud's host", 'https://168.63.129.16/'],
  ['multicast', 'https://224.0.0.1/'],
  ['broadcast', 'https://255.255.255.255/'],
  ['reserved', 'https://240.0.0.1/'],
  ['benchmarks', 'https://198.18.0.1/'],
  ['documentation', 'https://192.0.2.1/'],
  ['protocol assignments', 'https://192.0.0.192/'],
  ['IPv6 loopback', 'https://[::1]/'],
  ['IPv6 loopback in full', 'https://[0:0:0:0:0:0:0:1]/'],
  ['IPv6 unspecified', 'https://[::]/'],
  ['IPv4-mapped loopback', 'https://[::ffff:127.0.0.1]/'],
  ['IPv4-mapped metadata in hexadecimal', 'https://[::ffff:a9fe:a9fe]/'],
  ['IPv4-compatible loopback', 'https://[::127.0.0.1]/'],
  ['IPv4-translated loopback', 'https://[::ffff:0:127.0.0.1]/'],
  ['NAT64 of a private address', 'https://[64:ff9b::10.0.0.1]/'],
  ['NAT64 of loopback', 'https://[64:ff9b::7f00:1]/'],
  ['NAT64 for local use', 'https://[64:ff9b:1::a9fe:a9fe]/'],
  ['6to4 of metadata', 'https://[2002:a9fe:a9fe::]/'],
  ['Teredo', 'https://[2001:0:7f00:1::]/'],
  ['IPv6 link-local', 'https://[fe80::1]/'],
  ['IPv6 site-local', 'https://[fec0::1]/'],
  ['IPv6 unique local', 'https://[fd12:3456::1]/'],
  ['IPv6 metadata', 'https://[fd00:ec2::254]/'],
  ['IPv6 multicast', 'https://[ff02::1]/'],
  ['IPv6 documentation', 'https://[2001:db8::1]/'],
  ['a name of this machine', 'https://localhost/'],
  ['a name of this machine with its dot', 'https://localhost./'],
  ['http', 'http://93.184.216.34/'],
  ['a file', 'file:///etc/passwd'],
  ['another protocol', 'gopher://93.184.216.34/'],
  ['data', 'data:image/png;base64,AAAA'],
  ['credentials', 'https://user:secret@93.184.216.34/'],
  ['nothing', ''],
  ['no address', 'https://'],
] as const;

describe('addresses that may not be fetched', () => {
  it.each(refused)('%s: %s', async (_, url) => {
    await expect(fetchPicture(url, { timeoutMs: 5_000 })).rejects.toMatchObject({ code: 'URL_REFUSED' });
  });

  it('names that resolve to one address inside the network, even beside public ones', async () => {
    const resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '10.0.0.7', family: 4 },
    ];
    await expect(fetchPicture('https://pictures.example/', { resolve })).rejects.toMatchObject({ code: 'URL_REFUSED' });
  });

  it.each([
    '8.8.8.8',
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('but %s may', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each(['', 'example.com', 'fe80::1%eth0', '1.2.3', '::ffff:0:8.8.8.8'])('and %j is no public address', (address) =>
    expect(isPublicAddress(address)).toBe(false),
  );
});
