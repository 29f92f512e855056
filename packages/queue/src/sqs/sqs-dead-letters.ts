import { createHash } from 'node:crypto';
import type { MessageAttributeValue, SQSClient } from '@aws-sdk/client-sqs';
import { encodeTask, isErrorCode, type RookeryError, type Task, throwIfAborted } from '@rookery/contracts';
import type { DeadLetter, DeadLetters } from '../task-queue.ts';
import { batchSize } from './batcher.ts';
import { jsonForSqs, textForSqs } from './message-body.ts';
import { MessageSettler } from './message-lease.ts';
import type { SqsQueues } from './sqs-queues.ts';
import { type Incoming, receiveOnce } from './sqs-receive.ts';
import { sendMessages } from './sqs-send.ts';

/** How long a letter is hidden while it is looked at; it is shown again as soon as that is done. */
const lookSeconds = 60;
const longestDetail = 2_000;
/** How far SQS' clock may be from ours. */
const clockSlackMs = 60_000;

const text = (StringValue: string): MessageAttributeValue => ({ DataType: 'String', StringValue });

/**
 * A queue of its own. SQS can only receive, not list: looking at letters hides them from whoever else looks at that moment,
 * and of a large queue a listing is a sample. The id is SQS' message id and stays the same until the letter is redriven.
 */
export class SqsDeadLetters implements DeadLetters {
  readonly #client: SQSClient;
  readonly #queues: SqsQueues;
  readonly #settler: MessageSettler;

  constructor(client: SQSClient, queues: SqsQueues) {
    this.#client = client;
    this.#queues = queues;
    this.#settler = new MessageSettler(client, queues.deadUrl);
  }

  add(task: Task, reason: RookeryError): Promise<void> {
    return this.bury(jsonForSqs(encodeTask(task)), reason);
  }

  async bury(body: string, { code, detail }: RookeryError): Promise<void> {
    const shown = textForSqs(detail ?? '', longestDetail);
    const attributes = { code: text(code), ...(shown !== '' && { detail: text(shown) }) };
    await sendMessages(this.#client, this.#queues.deadUrl, [{ body, attributes }]);
  }

  async list(limit: number, signal?: AbortSignal): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = [];
    await this.#look(signal, async (messages) => {
      for (const message of messages) if (letters.length < limit) letters.push(readLetter(message));
      return { keep: messages, more: letters.length < limit };
    });
    return letters.sort((a, b) => a.buriedAt - b.buriedAt);
  }

  async read(id: string, signal?: AbortSignal): Promise<DeadLetter | undefined> {
    let found: DeadLetter | undefined;
    await this.#look(signal, async (messages) => {
      const message = messages.find((one) => one.id === id);
      if (message !== undefined) found = readLetter(message);
      return { keep: messages, more: found === undefined };
    });
    return found;
  }

  /** A worker may bury again at once what it cannot do: of what is young, each message is sent once. */
  redrive(ids?: readonly string[], signal?: AbortSignal): Promise<number> {
    const sent = new Set<string>();
    const startedAt = Date.now();
    const isNew = ({ body, sentAt = 0 }: Incoming): boolean => {
      const digest = createHash('sha256').update(body).digest('base64').slice(0, 16);
      if (sent.has(digest) && sentAt > startedAt - clockSlackMs) return false;
      sent.add(digest);
      return true;
    };
    const send = (messages: readonly Incoming[]) =>
      sendMessages(
        this.#client,
        this.#queues.queueUrl,
        messages.map(({ body }) => ({ body })),
      );
    return this.#remove(ids, signal, { isMeant: ids ? () => true : isNew, before: send });
  }

  purge(ids?: readonly string[], signal?: AbortSignal): Promise<number> {
    return this.#remove(ids, signal, { isMeant: () => true, before: async () => undefined });
  }

  flush(): Promise<void> {
    return this.#settler.flush();
  }

  /** Those named, or all that were there at the start: what is buried long after that stays. */
  async #remove(
    ids: readonly string[] | undefined,
    signal: AbortSignal | undefined,
    {
      isMeant,
      before,
    }: {
      readonly isMeant: (message: Incoming) => boolean;
      readonly before: (messages: readonly Incoming[]) => Promise<void>;
    },
  ): Promise<number> {
    const untilAt = Date.now() + clockSlackMs;
    const left = new Set(ids);
    let removed = 0;
    await this.#look(signal, async (messages) => {
      const wasThere = ({ id, sentAt = 0 }: Incoming): boolean => (ids ? left.has(id) : sentAt <= untilAt);
      const meant = messages.filter((message) => wasThere(message) && isMeant(message));
      await before(meant);
      await Promise.all(meant.map((message) => this.#settler.delete(message)));
      removed += meant.length;
      for (const { id } of meant) left.delete(id);
      return { keep: messages.filter((message) => !meant.includes(message)), more: ids === undefined || left.size > 0 };
    });
    return removed;
  }

  /** Receives until nothing new comes, then shows again what is kept. */
  async #look(
    signal: AbortSignal | undefined,
    treat: (messages: readonly Incoming[]) => Promise<{ keep: readonly Incoming[]; more: boolean }>,
  ): Promise<void> {
    const kept = new Map<string, Incoming>();
    try {
      for (let more = true; more; ) {
        throwIfAborted(signal);
        // Waiting makes SQS ask all of its servers: without it an answer may be empty beside a full queue.
        const messages = await receiveOnce(this.#client, {
          queueUrl: this.#queues.deadUrl,
          max: batchSize,
          waitSeconds: 1,
          leaseSeconds: lookSeconds,
        });
        const fresh = messages.filter(({ id }) => !kept.has(id));
        for (const message of messages) kept.set(message.id, message);
        if (fresh.length === 0) break;
        const treated = await treat(fresh);
        for (const { id } of fresh) kept.delete(id);
        for (const message of treated.keep) kept.set(message.id, message);
        more = treated.more;
      }
    } finally {
      await Promise.allSettled([...kept.values()].map((message) => this.#settler.hide(message, 0)));
    }
  }
}

/** What SQS moved here by itself carries no reason. */
function readLetter({ id, body, sentAt = 0, attributes, attempt }: Incoming): DeadLetter {
  const code = attributes.code?.StringValue ?? '';
  const reason = isErrorCode(code)
    ? { code, detail: attributes.detail?.StringValue ?? '' }
    : { code: 'INTERNAL', detail: `SQS gave it up after too many deliveries (${attempt} counted here)` };
  return { id, message: body, reason, buriedAt: sentAt };
}
