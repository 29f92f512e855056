import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { testCredentials, testRegion } from './s3.ts';

/** Whether a put into a bucket arrives in a queue of the same server. Resolves to what was seen instead. */
export async function brokenNotifications(endpoint: string): Promise<string | undefined> {
  const options = { endpoint, region: testRegion, credentials: { ...testCredentials }, maxAttempts: 1 };
  const s3 = new S3Client({ ...options, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
  const sqs = new SQSClient(options);
  const name = `probe-${Date.now()}-${process.pid}`;
  try {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const read = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    const QueueArn = read.Attributes?.QueueArn ?? '';
    await s3.send(new CreateBucketCommand({ Bucket: name }));
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: name,
        NotificationConfiguration: { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] },
      }),
    );
    await s3.send(new PutObjectCommand({ Bucket: name, Key: 'seen.jpg', Body: 'x' }));
    const seen = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }));
    const told = seen.Messages?.some(({ Body }) => Body?.includes('seen.jpg'));
    return told ? undefined : 'no notification came';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } finally {
    s3.destroy();
    sqs.destroy();
  }
}
