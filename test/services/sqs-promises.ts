import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { testCredentials, testRegion } from './s3.ts';

interface Queue {
  readonly url: string;
  readonly arn: string;
}

async function createQueue(sqs: SQSClient, name: string, attributes: Record<string, string> = {}): Promise<Queue> {
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  const read = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  return { url, arn: read.Attributes?.QueueArn ?? '' };
}

const receive = async (sqs: SQSClient, queue: Queue, waitSeconds: number, signal?: AbortSignal) =>
  (
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: waitSeconds }), {
      ...(signal && { abortSignal: signal }),
    })
  ).Messages?.[0];

const redriveTo = (dead: Queue): Record<string, string> => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 }),
});

/** Buries one message by letting it be received too often. */
async function buryOne(sqs: SQSClient, name: string): Promise<{ source: Queue; dead: Queue; buried: boolean }> {
  const dead = await createQueue(sqs, `${name}-dead`);
  const source = await createQueue(sqs, name, redriveTo(dead));
  await sqs.send(new SendMessageCommand({ QueueUrl: source.url, MessageBody: 'x' }));
  const first = await receive(sqs, source, 1);
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: source.url,
      ReceiptHandle: first?.ReceiptHandle ?? '',
      VisibilityTimeout: 0,
    }),
  );
  const again = await receive(sqs, source, 0);
  return { source, dead, buried: again === undefined };
}

/** What is asked of an SQS server, each with the experiment that shows it. They resolve to whether the promise is kept. */
const experiments = {
  async redrive(sqs: SQSClient, name: string): Promise<boolean> {
    const { dead, buried } = await buryOne(sqs, name);
    return buried && (await receive(sqs, dead, 1))?.Body === 'x';
  },
  async 'message-move-task'(sqs: SQSClient, name: string): Promise<boolean> {
    const { source, dead } = await buryOne(sqs, name);
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn, DestinationArn: source.arn }));
    return (await receive(sqs, source, 2))?.Body === 'x';
  },
  /** A long poll that its client gave up must not take the next message. */
  async 'abandoned-polls'(sqs: SQSClient, name: string): Promise<boolean> {
    const queue = await createQueue(sqs, name);
    await receive(sqs, queue, 5, AbortSignal.timeout(150)).catch(() => {});
    await sleep(100);
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'x' }));
    return (await receive(sqs, queue, 1))?.Body === 'x';
  },
  async 'size-limit'(sqs: SQSClient, name: string): Promise<boolean> {
    const queue = await createQueue(sqs, name);
    try {
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'x'.repeat(1_100_000) }));
      return false;
    } catch {
      return true;
    }
  },
  async 'queue-deletion'(sqs: SQSClient, name: string): Promise<boolean> {
    const queue = await createQueue(sqs, name);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: queue.url }));
    try {
      await receive(sqs, queue, 0);
      return false;
    } catch {
      return true;
    }
  },
} as const;

export type SqsPromise = keyof typeof experiments;

/** Tries out what the server promises. Resolves to what it does not keep, with what was seen. */
export async function brokenSqsPromises(endpoint: string): Promise<Partial<Record<SqsPromise, string>>> {
  const sqs = new SQSClient({ endpoint, region: testRegion, credentials: { ...testCredentials }, maxAttempts: 1 });
  const broken: Partial<Record<SqsPromise, string>> = {};
  await Promise.all(
    (Object.entries(experiments) as [SqsPromise, (typeof experiments)[SqsPromise]][]).map(
      async ([name, experiment]) => {
        try {
          const kept = await experiment(sqs, `probe-${name}-${Date.now()}-${process.pid}`);
          if (!kept) broken[name] = 'the server does not do this';
        } catch (error) {
          broken[name] = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        }
      },
    ),
  );
  sqs.destroy();
  return broken;
}
