import { ChangeMessageVisibilityBatchCommand, DeleteMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { RookeryError } from '@rookery/contracts';
import type { Lease } from '../delivery.ts';
import { unavailable } from '../unavailable.ts';
import { Batcher, EntryRefused, readFailures } from './batcher.ts';
import { call } from './sqs-call.ts';
import type { Incoming } from './sqs-receive.ts';

/** The longest that SQS hides a message, counted from its delivery. */
const longestHiddenSeconds = 12 * 3_600;

interface Visibility {
  readonly handle: string;
  readonly seconds: number;
}

/** Settles and extends messages of one queue, ten in a request. */
export class MessageSettler {
  readonly #deletes: Batcher<string>;
  readonly #changes: Batcher<Visibility>;

  constructor(client: SQSClient, queueUrl: string) {
    this.#deletes = new Batcher(async (handles) => {
      const Entries = handles.map((handle, index) => ({ Id: String(index), ReceiptHandle: handle }));
      const { Failed } = await call('acknowledging tasks', (options) =>
        client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }), options),
      );
      return readFailures(Failed);
    });
    this.#changes = new Batcher(async (changes) => {
      const Entries = changes.map(({ handle, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: handle,
        VisibilityTimeout: seconds,
      }));
      const { Failed } = await call('extending leases', (options) =>
        client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }), options),
      );
      return readFailures(Failed);
    });
  }

  /** Forgets a message. One that is gone already is forgotten. */
  async delete({ handle }: Incoming): Promise<void> {
    await this.#deletes.add(handle).catch((failure: unknown) => {
      if (!(failure instanceof EntryRefused)) throw unavailable('acknowledging a task', failure);
    });
  }

  /** False where SQS says that the message is not with us any more. */
  async hide({ handle }: Incoming, seconds: number): Promise<boolean> {
    try {
      await this.#changes.add({ handle, seconds });
      return true;
    } catch (failure) {
      if (failure instanceof EntryRefused) return false;
      throw unavailable('changing a lease', failure);
    }
  }

  async flush(): Promise<void> {
    await Promise.all([this.#deletes.flush(), this.#changes.flush()]);
  }
}

export interface LeaseParts {
  readonly name: string;
  readonly leaseMs: number;
  readonly settler: MessageSettler;
  /** Puts a copy among the dead letters. */
  bury(body: string, reason: RookeryError): Promise<void>;
}

/**
 * What can be done with a message while its lease runs. SQS may take an old receipt for a message that another worker has
 * by now, so once the lease has run out by our own clock nothing is changed with it, only deleted: that its work is done
 * stays true.
 */
export function leaseOf(message: Incoming, { name, leaseMs, settler, bury }: LeaseParts): Lease {
  let endMs = message.receivedMs + leaseMs;
  const isOver = (): boolean => performance.now() >= endMs;
  return {
    async extend() {
      const askedMs = performance.now();
      if (isOver() || !(await settler.hide(message, leaseMs / 1_000))) {
        throw new RookeryError('LEASE_LOST', { detail: `${name}, message ${message.id}` });
      }
      endMs = askedMs + leaseMs;
    },
    ack: () => settler.delete(message),
    async retry(delayMs) {
      if (isOver()) return;
      const heldSeconds = Math.ceil((performance.now() - message.receivedMs) / 1_000);
      await settler.hide(message, Math.min(Math.ceil(delayMs / 1_000), longestHiddenSeconds - heldSeconds - 1));
    },
    async bury(reason) {
      if (isOver()) return;
      await bury(message.body, reason);
      await settler.delete(message);
    },
  };
}
