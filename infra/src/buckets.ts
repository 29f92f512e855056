import type { Deployment } from '@rookery/autoscale';
import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

interface BucketsProps {
  readonly deployment: Deployment;
  /** Told of every picture that is put or removed. */
  readonly events: Queue;
}

/**
 * Pictures in one bucket, labels and jobs in another. S3 cannot leave a prefix out of its notifications: with a bucket of their own Rookery's
 * writes are never told as events, whatever anybody's filters say.
 */
export class Buckets extends Construct {
  readonly pictures: Bucket;
  readonly store: Bucket;
  /** Of access to the others, and of the load balancer. */
  readonly accessLogs: Bucket;

  constructor(scope: Construct, id: string, { deployment, events }: BucketsProps) {
    super(scope, id);
    const named = (role: string): string => `${deployment.name}-${role}-${Aws.ACCOUNT_ID}-${deployment.region}`;
    const common: BucketProps = {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    const rest = { abortIncompleteMultipartUploadAfter: Duration.days(7) };
    this.accessLogs = new Bucket(this, 'access-logs', {
      ...common,
      bucketName: named('logs'),
      lifecycleRules: [{ ...rest, expiration: Duration.days(deployment.logDays) }],
    });
    this.pictures = new Bucket(this, 'pictures', {
      ...common,
      bucketName: named('pictures'),
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'pictures/',
      lifecycleRules: [rest],
    });
    this.store = new Bucket(this, 'store', {
      ...common,
      bucketName: named('store'),
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'store/',
      // A label that is written again leaves its predecessor.
      versioned: true,
      lifecycleRules: [{ ...rest, noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true }],
    });
    this.#notify(events, named('pictures'));
  }

  /** By the bucket's own property: no function runs in the account to set it. */
  #notify(queue: Queue, bucketName: string): void {
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NotificationsOfTheBucket',
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnEquals: { 'aws:SourceArn': `arn:${Stack.of(this).partition}:s3:::${bucketName}` },
        },
      }),
    );
    const bucket = this.pictures.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = {
      queueConfigurations: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'].map((event) => ({
        event,
        queue: queue.queueArn,
      })),
    };
    // S3 sends a test message when it is told: the queue must let it.
    bucket.node.addDependency(queue.node.findChild('Policy'));
  }
}
