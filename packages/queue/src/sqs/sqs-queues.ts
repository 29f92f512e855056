import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { RookeryError } from '@rookery/contracts';
import type { SqsQueueOptions } from '../options.ts';
import { call, errorName } from './sqs-call.ts';

export interface SqsQueues {
  readonly queueUrl: string;
  readonly deadUrl: string;
}

/** Fourteen days, the longest that SQS keeps a message. */
const retention = { MessageRetentionPeriod: String(14 * 86_400) };
/** A backstop far away: workers isolate and bury by themselves. */
const maxReceiveCount = 1_000;

/**
 * Finds the queue and its dead letters: those that its redrive policy names, else `name-dead`. Makes both where asked to.
 *
 * @throws {RookeryError} QUEUE_UNAVAILABLE, not retryable where a queue is missing
 */
export async function findQueues(client: SQSClient, options: SqsQueueOptions): Promise<SqsQueues> {
  const { name, create = false } = options;
  const deadName = `${name}-dead`;
  const known = options.queueUrl ?? (await urlOf(client, name));
  if (known === undefined) {
    if (!create) throw missing(name);
    const deadUrl = (await urlOf(client, deadName)) ?? (await createQueue(client, deadName, retention));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await arnOf(client, deadUrl), maxReceiveCount });
    const VisibilityTimeout = String(options.leaseMs / 1_000);
    const queueUrl = await createQueue(client, name, { ...retention, RedrivePolicy, VisibilityTimeout });
    return { queueUrl, deadUrl };
  }
  const policy = await attribute(client, known, 'RedrivePolicy');
  const target = policy === undefined ? deadName : nameOfTarget(policy, deadName);
  const deadUrl = (await urlOf(client, target)) ?? (create ? await createQueue(client, target, retention) : undefined);
  if (deadUrl === undefined) throw missing(`${target}, for the dead letters of ${name}`);
  return { queueUrl: known, deadUrl };
}

const missing = (name: string): RookeryError =>
  new RookeryError('QUEUE_UNAVAILABLE', { detail: `there is no SQS queue ${name}`, retryable: false });

async function urlOf(client: SQSClient, QueueName: string): Promise<string | undefined> {
  try {
    const found = await call(`looking for queue ${QueueName}`, (options) =>
      client.send(new GetQueueUrlCommand({ QueueName }), options),
    );
    return found.QueueUrl;
  } catch (thrown) {
    if (/NonExistentQueue|QueueDoesNotExist/.test(errorName(thrown))) return undefined;
    throw thrown;
  }
}

/** Whoever makes the same queue at the same time gets the same one. */
async function createQueue(client: SQSClient, QueueName: string, Attributes: Record<string, string>): Promise<string> {
  const made = await call(`making queue ${QueueName}`, (options) =>
    client.send(new CreateQueueCommand({ QueueName, Attributes }), options),
  );
  if (made.QueueUrl === undefined) throw missing(QueueName);
  return made.QueueUrl;
}

export async function attributes(
  client: SQSClient,
  QueueUrl: string,
  AttributeNames: QueueAttributeName[],
): Promise<Partial<Record<string, string>>> {
  const found = await call('reading attributes of a queue', (options) =>
    client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }), options),
  );
  return found.Attributes ?? {};
}

const attribute = async (client: SQSClient, url: string, name: QueueAttributeName): Promise<string | undefined> =>
  (await attributes(client, url, [name]))[name];

async function arnOf(client: SQSClient, url: string): Promise<string> {
  const arn = await attribute(client, url, 'QueueArn');
  if (arn === undefined) throw missing(url);
  return arn;
}

function nameOfTarget(policy: string, otherwise: string): string {
  const { deadLetterTargetArn } = JSON.parse(policy) as { deadLetterTargetArn?: string };
  return deadLetterTargetArn?.split(':').at(-1) ?? otherwise;
}
