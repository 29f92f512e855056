import type { RemoteLogOptions } from '@rookery/telemetry';
import type { Config } from '../config.ts';
import { below, pairOf } from './otlp-values.ts';

/** The servers that get the log. @throws {RookeryError} CONFIG_INVALID where an address is invalid. */
export function remoteLogs({ log, traces }: Pick<Config, 'log' | 'traces'>): RemoteLogOptions[] {
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
  const headers = otlpHeaders.map((text) => pairOf(text, 'OTEL_EXPORTER_OTLP_HEADERS'));
  if (otlp && otlpExporter === 'otlp' && !traces.disabled)
    remotes.push({ protocol: 'otlp', url: otlp, headers: Object.fromEntries(headers) });
  return remotes;
}

export const tenantHeader = (tenant: string | undefined): Record<string, string> =>
  tenant === undefined ? {} : { 'x-scope-orgid': tenant };
