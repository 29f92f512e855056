import { type Deployment, namesOf } from '@rookery/autoscale';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { ApiService } from './api-service.ts';
import { Buckets } from './buckets.ts';
import { Cluster } from './cluster.ts';
import { Dashboard } from './dashboard.ts';
import { IngestService } from './ingest-service.ts';
import { explainFindings } from './nag-reasons.ts';
import { Network } from './network.ts';
import { Queues } from './queues.ts';
import { WorkerScaling } from './worker-scaling.ts';
import { WorkerService } from './worker-service.ts';

/** Everything that runs and everything that is kept. */
export class FleetStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, ...props }: StackProps & { deployment: Deployment }) {
    super(scope, id, { ...props, description: `Rookery: ${deployment.name}, preset ${deployment.preset}` });
    const network = new Network(this, 'network', deployment);
    const queues = new Queues(this, 'queues', deployment);
    const buckets = new Buckets(this, 'buckets', { deployment, events: queues.bucketEvents });
    const cluster = new Cluster(this, 'cluster', { deployment, network });
    const parts = { deployment, network, queues, buckets, cluster };
    const worker = new WorkerService(this, 'worker', parts);
    const scaling = new WorkerScaling(this, 'scaling', { deployment, queues, worker });
    const ingest = new IngestService(this, 'ingest', parts);
    const api = new ApiService(this, 'api', parts);
    // Workers read the tasks of the version before theirs, producers write those of their own: workers first.
    for (const producer of [ingest.service, api.service]) producer.node.addDependency(worker.service);
    const alarms = new Alarms(this, 'alarms', { deployment, queues, scaling, api });
    new Dashboard(this, 'dashboard', { deployment, queues, scaling, worker, ingest, api, alarms });
    new CfnOutput(this, 'Pictures', { value: buckets.pictures.bucketName, description: 'put pictures here' });
    new CfnOutput(this, 'Store', { value: buckets.store.bucketName, description: 'labels and jobs lie here' });
    new CfnOutput(this, 'Api', { value: api.address, description: 'the API and its page' });
    explainFindings(this, {
      cluster: namesOf(deployment.name).cluster,
      buckets: [buckets.pictures, buckets.store],
      isPublic: deployment.api.certificateArn !== undefined,
    });
  }
}
