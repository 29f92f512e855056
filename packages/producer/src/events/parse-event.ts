import { describeIssues, RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import { decodeFormKey } from '../plan/decode-key.ts';
import type { BucketEvent } from './bucket-event.ts';

export interface ParsedEvents {
  readonly events: readonly BucketEvent[];
  /** Records that are no events, each with the reason. The others of the message count all the same. */
  readonly malformed: readonly RookeryError[];
}

/** Messages in messages: SNS around EventBridge around S3 is two. */
const maxWrappings = 3;

const Text = z.string().min(1);
const Key = Text.max(4096);
const SnsEnvelope = z.object({ Type: z.literal('Notification'), Message: z.string() });
const TestEvent = z.object({ Event: z.literal('s3:TestEvent') });
const S3Message = z.object({ Records: z.array(z.unknown()) });
const S3Record = z.object({
  eventName: Text,
  s3: z.object({
    bucket: z.object({ name: Text.max(1024) }),
    object: z.object({
      key: Key,
      eTag: z.string().max(300).nullish(),
      sequencer: z.string().max(100).nullish(),
    }),
  }),
});
const EventBridgeMessage = z.object({
  source: z.literal('aws.s3'),
  'detail-type': Text,
  detail: z.object({
    bucket: z.object({ name: Text.max(1024) }),
    object: z.object({ key: Key, etag: z.string().max(300).nullish(), sequencer: z.string().max(100).nullish() }),
  }),
});

/**
 * The events of a message: S3's own JSON (also as MinIO and other stores write it), wrapped by SNS, or by EventBridge. Test events and
 * events of other kinds (tags, restores, replication) are no events. Never throws: what cannot be read is `malformed`.
 *
 * Keys are form encoded in S3's own records and plain in EventBridge's (Amazon S3 user guide, "Event message structure" and "EventBridge
 * event message structure").
 */
export function parseEvents(body: string, wrappings = 0): ParsedEvents {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    return malformed(new RookeryError('TASK_MALFORMED', { detail: 'not JSON', cause }));
  }
  const wrapped = SnsEnvelope.safeParse(json);
  if (wrapped.success) {
    if (wrappings >= maxWrappings)
      return malformed(new RookeryError('TASK_MALFORMED', { detail: 'wrapped too often' }));
    return parseEvents(wrapped.data.Message, wrappings + 1);
  }
  if (TestEvent.safeParse(json).success) return { events: [], malformed: [] };
  if (isObject(json) && 'detail-type' in json) return collect([json], eventBridgeEvent);
  const message = S3Message.safeParse(json);
  if (message.success) return collect(message.data.Records, s3Event);
  return malformed(new RookeryError('TASK_MALFORMED', { detail: 'neither an S3, SNS nor EventBridge message' }));
}

function s3Event(record: unknown): BucketEvent | undefined {
  const { eventName, s3 } = parsed(S3Record, record);
  const kind = kindOf(eventName.replace(/^s3:/, ''));
  return kind && event(kind, s3.bucket.name, decodeFormKey(s3.object.key), s3.object.eTag, s3.object.sequencer);
}

function eventBridgeEvent(message: unknown): BucketEvent | undefined {
  const { 'detail-type': type, detail } = parsed(EventBridgeMessage, message);
  const kind = type === 'Object Created' ? 'created' : type === 'Object Deleted' ? 'removed' : undefined;
  return kind && event(kind, detail.bucket.name, detail.object.key, detail.object.etag, detail.object.sequencer);
}

function kindOf(eventName: string): BucketEvent['kind'] | undefined {
  if (eventName.startsWith('ObjectCreated:')) return 'created';
  return /^(ObjectRemoved|LifecycleExpiration):/.test(eventName) ? 'removed' : undefined;
}

function event(
  kind: BucketEvent['kind'],
  bucket: string,
  key: string,
  etag: string | null | undefined,
  sequencer: string | null | undefined,
): BucketEvent {
  if (key.length > 1024 || key.includes('\0')) throw new RookeryError('KEY_INVALID', { detail: key.slice(0, 200) });
  const plainTag = etag?.replaceAll('"', '').slice(0, 256);
  return {
    kind,
    bucket,
    key,
    ...(plainTag && { etag: plainTag }),
    ...(sequencer && /^[0-9A-Fa-f]+$/.test(sequencer) && { sequencer }),
  };
}

function collect(records: readonly unknown[], read: (record: unknown) => BucketEvent | undefined): ParsedEvents {
  const events: BucketEvent[] = [];
  const bad: RookeryError[] = [];
  for (const record of records) {
    try {
      const found = read(record);
      if (found) events.push(found);
    } catch (error) {
      if (!(error instanceof RookeryError)) throw error;
      bad.push(error);
    }
  }
  return { events, malformed: bad };
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new RookeryError('TASK_MALFORMED', { detail: describeIssues(result.error), cause: result.error });
}

const malformed = (error: RookeryError): ParsedEvents => ({ events: [], malformed: [error] });
const isObject = (value: unknown): value is object => value !== null && typeof value === 'object';
