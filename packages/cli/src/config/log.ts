import { list, oneOf, optional, text } from './kinds.ts';
import { type Section, setting } from './setting.ts';

export const log = {
  level: setting(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), {
    env: ['ROOKERY_LOG_LEVEL'],
    default: 'info',
  }),
  /** `auto`: readable on a terminal, JSON otherwise. */
  format: setting(oneOf('auto', 'pretty', 'json'), { env: ['ROOKERY_LOG_FORMAT'], default: 'auto' }),
  /** Also log here, rotated. */
  file: setting(optional(text), { env: ['ROOKERY_LOG_FILE'], flag: '--log-file', default: undefined }),
  /** Loki's address, such as `http://loki:3100`: lines are sent there too. May hold a user and a password. */
  loki: setting(optional(text), { env: ['ROOKERY_LOG_LOKI'], flag: '--log-loki', default: undefined }),
  /** The tenant, where Loki has several. */
  lokiTenant: setting(optional(text), { env: ['ROOKERY_LOG_LOKI_TENANT'], default: undefined }),
  /** Of a collector, such as `http://collector:4318`: lines are sent to `/v1/logs` below it. */
  otlpEndpoint: setting(optional(text), { env: ['OTEL_EXPORTER_OTLP_ENDPOINT'], default: undefined }),
  /** The same for logs alone: the whole address. */
  otlpLogsEndpoint: setting(optional(text), { env: ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'], default: undefined }),
  /** `name=value`, separated by commas. */
  otlpHeaders: setting(list, {
    env: ['OTEL_EXPORTER_OTLP_LOGS_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    secret: true,
    default: [],
  }),
  /** `none` keeps lines from the collector though there is one. */
  otlpExporter: setting(oneOf('otlp', 'none'), { env: ['OTEL_LOGS_EXPORTER'], default: 'otlp' }),
} satisfies Section;
