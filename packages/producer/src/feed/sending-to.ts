import type { SpanAttributes } from '@rookery/telemetry';

/** Of a span that puts messages on a queue, by OpenTelemetry's conventions for messaging. */
export const sendingTo = (queue: string, messages: number): SpanAttributes => ({
  'messaging.system': 'rookery',
  'messaging.operation.name': 'send',
  'messaging.operation.type': 'send',
  'messaging.destination.name': queue,
  'messaging.batch.message_count': messages,
});
