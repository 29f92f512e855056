import { RookeryError } from '@rookery/contracts';

/** An address of an interface below a server's own. @throws {RookeryError} CONFIG_INVALID */
export function below(address: string, path: string, setting: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new RookeryError('CONFIG_INVALID', { detail: `${setting}: an address such as http://host:3100 is needed` });
  if (path !== '') url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
  return url.href;
}

/** As OpenTelemetry has it: `name=value`, the value percent-encoded. @throws {RookeryError} CONFIG_INVALID */
export function pairOf(text: string, variable: string): [string, string] {
  const at = text.indexOf('=');
  try {
    if (at > 0) return [text.slice(0, at).trim(), decodeURIComponent(text.slice(at + 1).trim())];
  } catch {
    // Said below, without the value: it may be a secret.
  }
  throw new RookeryError('CONFIG_INVALID', { detail: `${variable}: name=value,name=value is needed` });
}
