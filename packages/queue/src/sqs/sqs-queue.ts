import type { SQSClient } from '@aws-sdk/client-sqs';
import { encodeTask, pause, type RookeryError, type Task } from '@rookery/contracts';
import { Abandonment } from '../abandonment.ts';
import { deliver } from '../delivery.ts';
import type { SqsQueueOptions } from '../options.ts';
import { receiveWithin } from '../receive-within.ts';
import type { Delivery, QueueDepth, ReceiveOptions, TaskQueue } from '../task-queue.ts';
import { closed } from '../unavailable.ts';
import { jsonForSqs } from './message-body.ts';
import { leaseOf, MessageSettler } from './message-lease.ts';
import { createClient } from './sqs-call.ts';
import { SqsDeadLetters } from './sqs-dead-letters.ts';
import { attributes, findQueues, type SqsQueues } from './sqs-queues.ts';
import { type Incoming, receiveMany } from './sqs-receive.ts';
import { sendMessages } from './sqs-send.ts';

const defaultPollMs = 5_000;
const longestPollMs = 20_000;
const pauseAfterFailureMs = 500;
/** Long polls are whole seconds; what is left of the wait after them is spent looking this often. */
const shortPollMs = 100;

/** @throws {RookeryError} QUEUE_UNAVAILABLE */
export async function openSqsQueue(options: SqsQueueOptions): Promise<TaskQueue> {
  const client = createClient(options);
  try {
    return new SqsQueue(options, client, await findQueues(client, options));
  } catch (thrown) {
    client.destroy();
    throw thrown;
  }
}

class SqsQueue implements TaskQueue {
  readonly name: string;
  readonly leaseMs: number;
  readonly dead: SqsDeadLetters;
  readonly #client: SQSClient;
  readonly #queues: SqsQueues;
  readonly #settler: MessageSettler;
  readonly #pollMs: number;
  readonly #closing = new AbortController();
  readonly #abandonment: Abandonment<Incoming[]>;

  constructor({ name, leaseMs, pollMs = defaultPollMs }: SqsQueueOptions, client: SQSClient, queues: SqsQueues) {
    this.name = name;
    this.leaseMs = leaseMs;
    this.#client = client;
    this.#queues = queues;
    this.#pollMs = Math.min(longestPollMs, pollMs);
    this.#settler = new MessageSettler(client, queues.queueUrl);
    this.dead = new SqsDeadLetters(client, queues);
    this.#abandonment = new Abandonment(
      (messages) => Promise.allSettled(messages.map((message) => this.#settler.hide(message, 0))),
      this.#closing.signal,
    );
  }

  async send(tasks: readonly Task[], signal?: AbortSignal): Promise<void> {
    const messages = tasks.map((task) => ({ body: jsonForSqs(encodeTask(task)) }));
    if (this.#closing.signal.aborted) throw closed(this.name);
    await sendMessages(this.#client, this.#queues.queueUrl, messages, signal);
  }

  async receive(max: number, options: ReceiveOptions): Promise<Delivery[]> {
    if (max <= 0) return [];
    const { signal } = options;
    const closing = this.#closing.signal;
    return receiveWithin(options, {
      closing,
      pauseAfterFailureMs,
      ask: async (leftMs) => {
        const waitSeconds = Math.floor(Math.min(this.#pollMs, leftMs) / 1_000);
        const messages = await this.#abandonment.unlessAborted(this.#poll(max, waitSeconds), signal);
        return (
          messages && {
            deliveries: messages.map((message) => this.#deliver(message)),
            whenToAsk: async (leftMs) => {
              // A request that waits for tasks is its own pause.
              if (waitSeconds === 0) await pause(Math.min(leftMs, shortPollMs), signal, closing);
            },
          }
        );
      },
    });
  }

  async depth(): Promise<QueueDepth> {
    const [queue, dead] = await Promise.all([this.#counts(this.#queues.queueUrl), this.#counts(this.#queues.deadUrl)]);
    return { ...queue, dead: dead.ready + dead.delayed + dead.leased, oldestMs: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#abandonment.settled();
    await Promise.all([this.#settler.flush(), this.dead.flush()]);
    this.#client.destroy();
  }

  #poll(max: number, waitSeconds: number): Promise<Incoming[]> {
    const leaseSeconds = this.leaseMs / 1_000;
    return receiveMany(this.#client, { queueUrl: this.#queues.queueUrl, max, waitSeconds, leaseSeconds });
  }

  /** Messages with a delay of their own count as leased: SQS hides both the same way. */
  async #counts(url: string): Promise<{ ready: number; delayed: number; leased: number }> {
    const found = await attributes(this.#client, url, [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ]);
    return {
      ready: Number(found.ApproximateNumberOfMessages ?? 0),
      leased: Number(found.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(found.ApproximateNumberOfMessagesDelayed ?? 0),
    };
  }

  #deliver(message: Incoming): Delivery {
    const parts = {
      name: this.name,
      leaseMs: this.leaseMs,
      settler: this.#settler,
      bury: (body: string, reason: RookeryError) => this.dead.bury(body, reason),
    };
    return deliver(
      { message: message.body, attempt: message.attempt, sentAt: message.sentAt },
      leaseOf(message, parts),
    );
  }
}
