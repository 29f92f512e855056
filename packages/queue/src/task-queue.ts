import type { RookeryError, Task } from '@rookery/contracts';

/*
 * Terms
 *
 * - lease: a delivered task is hidden from others for `leaseMs`; SQS calls it visibility timeout, BullMQ a lock.
 * - attempt: how often a task has been delivered, this time included.
 * - bury: to move a task that can never be done to the dead-letter queue, with the reason.
 * - redrive: to move dead letters back for another attempt.
 */

/** A unit of work leased from a queue. Exactly one of `ack`, `retry` or `bury` settles it; later calls are no-ops. */
export interface Delivery {
  /** Where the message is no task, the error that says so: whoever receives it decides whether to bury it or to give it back. */
  readonly task: Task | RookeryError;
  /** 1 on first delivery. Counts redeliveries, whatever caused them. */
  readonly attempt: number;
  /** When the message was first sent, as far as the server tells. Milliseconds since the epoch. */
  readonly sentAt: number | undefined;
  /** Keeps the lease for another `leaseMs` from now. @throws {RookeryError} LEASE_LOST where the server can tell that it is gone. */
  extend(): Promise<void>;
  /** The result is durable; forget the task. */
  ack(): Promise<void>;
  /** Not done; deliver again after `delayMs` (0: at once). */
  retry(delayMs: number): Promise<void>;
  /** Can never be done; keep it among the dead letters with the reason. */
  bury(reason: RookeryError): Promise<void>;
}

export interface ReceiveOptions {
  /** How long to wait for the first task. */
  waitMs: number;
  signal?: AbortSignal;
}

/** How much there is, as far as the server tells; approximate on SQS. */
export interface QueueDepth {
  /** Waiting, deliverable now. */
  readonly ready: number;
  /** Waiting for their delay to pass. */
  readonly delayed: number;
  /** With a worker. */
  readonly leased: number;
  readonly dead: number;
  /**
   * How long ago the task that is delivered next was first sent, in milliseconds: nothing waits longer, but for what was given back with a delay.
   * `undefined` where none is ready, and on SQS, which tells CloudWatch alone (`ApproximateAgeOfOldestMessage`).
   */
  readonly oldestMs: number | undefined;
}

export interface DeadLetter {
  readonly id: string;
  /** The message as it was sent: not always a task. */
  readonly message: string;
  readonly reason: { readonly code: string; readonly detail: string };
  /** Milliseconds since the epoch. */
  readonly buriedAt: number;
}

/** Tasks that were given up. */
export interface DeadLetters {
  /** Keeps a task that was never enqueued in this form: the one picture of a task that ended its process. */
  add(task: Task, reason: RookeryError): Promise<void>;
  /** At most `limit`, oldest first as far as the server keeps an order; they stay where they are. */
  list(limit: number, signal?: AbortSignal): Promise<readonly DeadLetter[]>;
  read(id: string, signal?: AbortSignal): Promise<DeadLetter | undefined>;
  /** Sends all (or those named) again with a fresh count of attempts. Resolves to their number. */
  redrive(ids?: readonly string[], signal?: AbortSignal): Promise<number>;
  /** Forgets all (or those named). Resolves to their number. */
  purge(ids?: readonly string[], signal?: AbortSignal): Promise<number>;
}

/**
 * At-least-once delivery of tasks, leased for `leaseMs` (whole seconds, fixed when opened). Every adapter passes
 * `taskQueueConformance`. A lost lease comes back within `2 * leaseMs`. Errors: QUEUE_UNAVAILABLE, TASK_TOO_LARGE, LEASE_LOST.
 */
export interface TaskQueue extends AsyncDisposable {
  readonly name: string;
  readonly leaseMs: number;
  /** Enqueues all tasks or throws; never part of them silently. May be repeated; a repeat may be delivered twice. */
  send(tasks: readonly Task[], signal?: AbortSignal): Promise<void>;
  /** Leases up to `max` tasks, waiting at most `waitMs` for the first. Resolves to `[]` on timeout or abort. */
  receive(max: number, options: ReceiveOptions): Promise<Delivery[]>;
  depth(signal?: AbortSignal): Promise<QueueDepth>;
  readonly dead: DeadLetters;
}
