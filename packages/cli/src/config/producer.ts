import { integer, list, optional, text } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** What puts tasks on the queue: `rookery enqueue`, `rookery ingest`. */
export const producer = {
  /** Where bucket events come from: an SQS queue's name or https address, or a folder that is watched. */
  events: setting(optional(text), { env: ['ROOKERY_EVENTS'], flag: '--events', default: undefined }),
  /** Tasks of a job that are enqueued and not done; the rest waits in the store. */
  window: setting(integer(1, 1_000_000), { env: ['ROOKERY_WINDOW'], flag: '--window', default: 1_000 }),
  /** Endings of keys that become work when they are listed or told by an event; `*`: all. Unset: those of pictures. */
  suffixes: setting(optional(list), { env: ['ROOKERY_SUFFIXES'], flag: '--suffixes', default: undefined }),
} satisfies Section;
