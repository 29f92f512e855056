import { type Deployment, namesOf } from '@rookery/autoscale';
import { Duration } from 'aws-cdk-lib';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** What every queue has in common: encrypted, spoken to over TLS only, and as patient as SQS can be. */
const common = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  retentionPeriod: Duration.days(14),
};
/** A backstop far away: workers isolate pictures that end them, and bury them, by themselves. */
const maxReceiveCount = 1_000;
/** The workers' lease, `ROOKERY_LEASE`. */
const lease = Duration.seconds(60);

/** The queue of S3's notifications, and the two that workers lease tasks from, each with its dead letters. */
export class Queues extends Construct {
  readonly bucketEvents: Queue;
  readonly events: Queue;
  readonly jobs: Queue;
  /** By the name of the queue whose letters they are. */
  readonly dead: Readonly<Record<'bucketEvents' | 'events' | 'jobs', IQueue>>;

  constructor(scope: Construct, id: string, { name }: Deployment) {
    super(scope, id);
    const names = namesOf(name);
    const pair = (role: string, queueName: string): [Queue, Queue] => {
      const dead = new Queue(this, `${role}-dead`, { ...common, queueName: `${queueName}-dead` });
      const deadLetterQueue = { queue: dead, maxReceiveCount };
      return [new Queue(this, role, { ...common, queueName, visibilityTimeout: lease, deadLetterQueue }), dead];
    };
    const [bucketEvents, bucketEventsDead] = pair('bucket-events', names.bucketEvents);
    const [events, eventsDead] = pair('events', `${names.queue}-events`);
    const [jobs, jobsDead] = pair('jobs', `${names.queue}-jobs`);
    this.bucketEvents = bucketEvents;
    this.events = events;
    this.jobs = jobs;
    this.dead = { bucketEvents: bucketEventsDead, events: eventsDead, jobs: jobsDead };
  }
}
