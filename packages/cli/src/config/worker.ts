import { bytes, duration, integer, oneOf, optional, text, toggle } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** `rookery worker`. Its owner adds keys here. */
export const worker = {
  /** How long work in flight may take after SIGTERM. */
  graceMs: setting(duration(0), { env: ['ROOKERY_GRACE'], flag: '--grace', default: 25_000 }),
  /** Of /health and /metrics; 0: none. */
  healthPort: setting(integer(0, 65_535), { env: ['ROOKERY_HEALTH_PORT'], flag: '--health-port', default: 0 }),
  healthHost: setting(text, { env: ['ROOKERY_HEALTH_HOST'], flag: '--health-host', default: '127.0.0.1' }),
  /** Warm models at the same time. */
  models: setting(integer(1, 16), { env: ['ROOKERY_WORKER_MODELS'], flag: '--warm-models', default: 2 }),
  /** Pictures leased and not yet answered before the worker stops leasing. */
  leaseAhead: setting(integer(1, 100_000), { env: ['ROOKERY_LEASE_AHEAD'], flag: '--lease-ahead', default: 128 }),
  /** An object with more is SOURCE_TOO_MANY_BYTES. */
  maxPictureBytes: setting(bytes(1), { env: ['ROOKERY_MAX_PICTURE_BYTES'], default: 64 * 2 ** 20 }),
  /** Encoded bytes held at the same time. */
  maxHeldBytes: setting(bytes(1_000_000), { env: ['ROOKERY_MAX_HELD_BYTES'], default: 256 * 2 ** 20 }),
  /** Also write the top label of an event's picture as object tags. */
  tagEvents: setting(toggle, { env: ['ROOKERY_TAG_EVENTS'], flag: '--tag-events', default: false }),
  /** What becomes of the label of a picture that is gone: as `rookery ingest` is told. */
  onRemoved: setting<'delete' | 'keep'>(oneOf('delete', 'keep'), {
    env: ['ROOKERY_ON_REMOVED'],
    flag: '--on-removed',
    default: 'delete',
  }),
  /** Set by ECS: scale-in protection is held while busy. */
  ecsAgentUri: setting(optional(text), { env: ['ECS_AGENT_URI'], default: undefined }),
  /** A few figures of the worker for CloudWatch, in its output (embedded metric format). `auto`: where ECS runs it. */
  embed: setting(oneOf('auto', 'on', 'off'), { env: ['ROOKERY_METRICS_EMF'], default: 'auto' }),
  /** Set by ECS: the container's metadata. */
  ecsMetadataUri: setting(optional(text), { env: ['ECS_CONTAINER_METADATA_URI_V4'], default: undefined }),
  /** What one picture may take in isolation before it counts as the culprit. */
  isolationTimeoutMs: setting(duration(100), { env: ['ROOKERY_ISOLATION_TIMEOUT'], default: 60_000 }),
} satisfies Section;
