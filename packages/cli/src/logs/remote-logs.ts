import { RookeryError } from '@rookery/contracts';
import type { RemoteLogOptions } from '@rookery/telemetry';
import type { Config } from '../config.ts';

/** The servers that get the log. @throws {RookeryError} CONFIG_INVALID where an address is none. */
export function remoteLogs(log: Config['log']): RemoteLogOptions[] {
  const { loki, lokiTenant, otlpEndpoint, otlpLogsEndpoint, otlpExporter, otlpHeaders } = log;
  const remotes: RemoteLogOptions[] = [];
  if (loki !== undefined)
    remotes.push({
      protocol: 'loki',
      url: below(loki, 'loki/api/v1/push', 'log.loki'),
      headers: tenantHeader(lokiTenant),
    });
  const otlp =
    otlpLogsEndpoint !== undefined
      ? below(otlpLogsEndpoint, '', 'log.otlpLogsEndpoint')
      : otlpEndpoint !== undefined && below(otlpEndpoint, 'v1/logs', 'log.otlpEndpoint');
  if (otlp && otlpExporter === 'otlp')
    remotes.push({ protocol: 'otlp', url: otlp, headers: Object.fromEntries(otlpHeaders.map(headerOf)) });
  return remotes;
}

export const tenantHeader = (tenant: string | undefined): Record<string, string> =>
  tenant === undefined ? {} : { 'x-scope-orgid': tenant };

/** An address of an interface below a server's own. @throws {RookeryError} CONFIG_INVALID */
export function below(address: string, path: string, setting: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new RookeryError('CONFIG_INVALID', { detail: `${setting}: an address such as http://host:3100 is needed` });
  if (path !== '') url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
  return url.href;
}

/** As OpenTelemetry has it: `name=value`, the value percent-encoded. */
function headerOf(text: string): [string, string] {
  const at = text.indexOf('=');
  try {
    if (at > 0) return [text.slice(0, at).trim(), decodeURIComponent(text.slice(at + 1).trim())];
  } catch {
    // Said below, without the value: it may be a secret.
  }
  throw new RookeryError('CONFIG_INVALID', { detail: 'OTEL_EXPORTER_OTLP_HEADERS: name=value,name=value is needed' });
}
