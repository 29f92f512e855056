import type { PriceFile } from './prices.ts';

/** What is to be labelled, and by what. */
export interface Workload {
  readonly pictures: number;
  /** Of one worker, measured. */
  readonly picturesPerSecond: number;
  readonly pictureBytes: number;
  /** @default 256 */
  readonly picturesPerTask?: number | undefined;
  readonly worker: WorkerShape;
  /** Share of paid time in which nothing is computed: starts, the last task, cooldowns. @default 0.1 */
  readonly idleShare?: number | undefined;
  readonly queue: 'sqs' | 'redis';
}

export type WorkerShape =
  | { readonly kind: 'fargate' | 'fargate-spot'; readonly vcpu: number; readonly memoryGb: number }
  | { readonly kind: 'gpu' };

export interface CostLine {
  readonly what: string;
  readonly usd: number;
  /** How it came about, with the quantity and the price. */
  readonly how: string;
}

export interface CostReport {
  /** Of a job: listed, up to 256 pictures a task. */
  readonly job: readonly CostLine[];
  readonly jobUsd: number;
  /** What comes on top where each picture comes by itself, as an event. */
  readonly events: readonly CostLine[];
  readonly eventsUsd: number;
  /** The largest line of a job: what would have to shrink next. */
  readonly floor: string;
}

/** Requests a worker makes for a task: receive and delete in batches of ten at best, one extension, a result that is looked for at times. */
const sqsRequestsPerTask = 3;
const secondsPerHour = 3600;
const bytesOfLogPerTask = 400;
/** Of the label of an event: one object a picture, and its task's share. */
const sqsRequestsPerEvent = 0.7;

/** What labelling so many pictures costs, line by line. */
export function costOfPictures(workload: Workload, { prices }: PriceFile): CostReport {
  const { pictures, picturesPerSecond, picturesPerTask = 256, worker, idleShare = 0.1, queue } = workload;
  const tasks = Math.ceil(pictures / picturesPerTask);
  const hours = pictures / picturesPerSecond / secondsPerHour / (1 - idleShare);
  const hourly = workerHourUsd(worker, { prices });
  const line = (what: string, quantity: number, unit: string, usd: number): CostLine => ({
    what,
    usd: quantity * usd,
    how: `${amount(quantity)} ${unit} at $${Number(usd.toPrecision(5))}`,
  });
  const requests = (what: string, count: number, perThousand: number): CostLine =>
    line(what, count / 1000, 'thousand requests', perThousand);
  const job = [
    line(`compute: ${nameOf(worker)}`, hours, 'worker hours', hourly),
    requests('reading pictures (GET)', pictures, prices.s3GetThousand.usd),
    requests('listing the bucket (LIST)', Math.ceil(pictures / 1000), prices.s3PutThousand.usd),
    requests('task files (PUT)', tasks + 2, prices.s3PutThousand.usd),
    requests('results and summary (PUT)', tasks + 1, prices.s3PutThousand.usd),
    queue === 'sqs'
      ? line('queue (SQS)', (tasks * (sqsRequestsPerTask + 0.1)) / 1e6, 'million requests', prices.sqsMillion.usd)
      : line('queue (Redis node)', hours, 'hours', prices.redisNodeHour.usd),
    line('logs', (tasks * bytesOfLogPerTask) / 1e9, 'GB', prices.logsGb.usd),
    line('transfer within the region', 0, 'GB', 0),
  ];
  const events = [
    requests('labels of events (PUT), one a picture', pictures, prices.s3PutThousand.usd),
    line(
      'notifications and tasks (SQS)',
      (pictures * sqsRequestsPerEvent) / 1e6,
      'million requests',
      prices.sqsMillion.usd,
    ),
  ];
  const largest = job.reduce((most, each) => (each.usd > most.usd ? each : most));
  return { job, jobUsd: sum(job), events, eventsUsd: sum(events), floor: floorOf(largest, workload) };
}

export function workerHourUsd(worker: WorkerShape, { prices }: Pick<PriceFile, 'prices'>): number {
  if (worker.kind === 'gpu') return prices.gpuInstanceHour.usd;
  const [vcpu, memory] =
    worker.kind === 'fargate'
      ? [prices.fargateVcpuHour, prices.fargateGbHour]
      : [prices.fargateSpotVcpuHour, prices.fargateSpotGbHour];
  return worker.vcpu * vcpu.usd + worker.memoryGb * memory.usd;
}

const sum = (lines: readonly CostLine[]): number => lines.reduce((total, { usd }) => total + usd, 0);
const amount = (quantity: number): string =>
  quantity >= 100 ? Math.round(quantity).toLocaleString('en-US') : quantity.toPrecision(3);

export const nameOf = (worker: WorkerShape): string =>
  worker.kind === 'gpu'
    ? 'a GPU instance'
    : `${worker.kind === 'fargate' ? 'Fargate' : 'Fargate Spot'}, ${worker.vcpu} vCPU, ${worker.memoryGb} GB`;

function floorOf({ what }: CostLine, { pictureBytes }: Workload): string {
  if (what.startsWith('reading'))
    return `one GET a picture: many pictures in one object would divide it, for pictures as small as these (${Math.round(pictureBytes / 1000)} kB)`;
  if (what.startsWith('compute')) return 'computing: int8, smaller pictures, a cheaper processor';
  return what;
}
