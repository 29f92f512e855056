import { isIP } from 'node:net';
import * as z from 'zod';
import { type Kind, list } from './kinds.ts';

/** Of pages: scheme, host and port. */
export const origins: Kind<readonly string[]> = {
  schema: () =>
    list
      .schema()
      .transform((all) => all.map(originOf))
      .pipe(z.array(z.string())),
  allowed: 'origins of pages such as https://photos.example, separated by commas; not *, and nothing behind the host',
};

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, href } = new URL(text);
  return /^https?:$/.test(protocol) && href === `${origin}/` ? origin : undefined;
}

const named = ['loopback', 'linklocal', 'uniquelocal'];

/** Addresses of machines, and networks: by their prefix, or those that have a name (proxy-addr's). */
export const networks: Kind<readonly string[]> = {
  schema: () => list.schema().refine((all) => all.every(isNetwork)),
  allowed: 'addresses and networks such as 10.0.0.7 or 10.0.0.0/8, separated by commas',
};

function isNetwork(text: string): boolean {
  if (named.includes(text)) return true;
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || more.length > 0) return false;
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits);
}
