import { describeIssues, RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import type { WorkerShape } from '../cost/cost-of-pictures.ts';
import { type PresetName, ScalingConfig, scalingPresets } from '../policy/scaling-config.ts';

/** Networks of RFC 1918, with the bits that each part of them shares at least. */
const privateNetworks = [
  [/^10\./, 8],
  [/^172\.(1[6-9]|2\d|3[01])\./, 12],
  [/^192\.168\./, 16],
] as const;
const isPrivate = (network: string): boolean =>
  privateNetworks.some(([within, bits]) => within.test(network) && Number(network.split('/')[1]) >= bits);

/** What is deployed: the one file that people edit. Everything has a default but where the images lie. */
export const DeploymentConfig = z.strictObject({
  /** First part of every name: several fleets stand beside each other in one account. */
  name: z
    .string()
    .regex(
      /^(?=.{2,21}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      'lower-case letters, digits and single hyphens between them, 2 to 21',
    )
    .default('rookery'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-west-1')
    .default('us-east-1'),
  preset: z.enum(['small', 'spot', 'gpu']).default('small'),
  /** Of the images in the fleet's own repositories. */
  imageTag: z
    .string()
    .regex(/^\w[\w.-]{0,127}$/, 'a tag of an image: letters, digits, dots, hyphens and underscores, at most 128')
    .default('0.1.0'),
  /** What events are labelled with, and the API answers with: a reference of the registry. */
  model: z.string().regex(/^\S+$/, 'name, name:alias or name@version').default('content'),
  /** Models lie in the fleet's own registry, `models/` in the store's bucket, instead of in the images. */
  registry: z.boolean().default(false),
  /** What differs from the preset. */
  scaling: z
    .strictObject({
      minWorkers: z.int().min(0).optional(),
      maxWorkers: z.int().min(1).optional(),
      backlogPerWorker: z.number().positive().optional(),
    })
    .default({}),
  api: z
    .strictObject({
      /** Of a certificate in the same region. Without one the balancer speaks plain HTTP, and only inside the network. */
      certificateArn: z.string().startsWith('arn:').optional(),
      /** Networks that may reach the balancer. */
      clients: z.array(z.cidrv4('a network such as 10.0.0.0/8')).default(['10.0.0.0/8']),
      tasks: z.int().min(1).max(100).default(2),
    })
    .refine(({ certificateArn, clients }) => certificateArn !== undefined || clients.every(isPrivate), {
      error: 'public networks may only reach the API over TLS: it needs certificateArn',
      path: ['clients'],
    })
    .prefault({}),
  /** Runs of workers in Weights & Biases, by a server inside the network: there is no way out to the public one. */
  tracker: z
    .strictObject({
      baseUrl: z.url({ protocol: /^https?$/ }),
      /** Of a secret whose text is the key, in the same region and account. */
      keySecretArn: z.string().regex(/^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:\S+$/),
      project: z.string().min(1).default('rookery'),
      entity: z.string().min(1).optional(),
      /** Pictures of each table of samples; they leave for that server. */
      samples: z.int().min(0).max(200).default(0),
    })
    .optional(),
  /** Is told of alarms. */
  alarmEmail: z.email().optional(),
  logDays: z.union([z.literal(7), z.literal(14), z.literal(30), z.literal(90), z.literal(365)]).default(30),
});
export type DeploymentConfig = z.infer<typeof DeploymentConfig>;

/** Processor and memory of one task, in the units of ECS. */
export interface TaskShape {
  /** 1024 is one processor. */
  readonly cpu: number;
  readonly memoryMiB: number;
}

/** A configuration with everything that follows from it. */
export interface Deployment extends Omit<DeploymentConfig, 'scaling'> {
  readonly scaling: ScalingConfig;
  readonly worker: TaskShape & { readonly runsOn: 'fargate' | 'fargate-spot' | 'gpu'; readonly instance?: string };
  readonly ingest: TaskShape;
  readonly apiTask: TaskShape;
}

const workers: Readonly<Record<PresetName, Deployment['worker']>> = {
  small: { cpu: 1024, memoryMiB: 2048, runsOn: 'fargate' },
  spot: { cpu: 1024, memoryMiB: 2048, runsOn: 'fargate-spot' },
  // Nearly all of a g4dn.xlarge: the rest is the agent's.
  gpu: { cpu: 3072, memoryMiB: 12_288, runsOn: 'gpu', instance: 'g4dn.xlarge' },
};

/** `preset`: instead of the one that is given. @throws {RookeryError} CONFIG_INVALID naming what is wrong */
export function deploymentOf(given: unknown, preset?: PresetName): Deployment {
  const parsed = parse(DeploymentConfig, given);
  const config = { ...parsed, preset: preset ?? parsed.preset };
  const { scaling } = parse(z.object({ scaling: ScalingConfig }), {
    scaling: { ...scalingPresets[config.preset], ...config.scaling },
  });
  return {
    ...config,
    scaling,
    worker: workers[config.preset],
    ingest: { cpu: 256, memoryMiB: 512 },
    apiTask: { cpu: 1024, memoryMiB: 2048 },
  };
}

function parse<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw new RookeryError('CONFIG_INVALID', { detail: describeIssues(error), cause: error });
}

/** The same shape as the cost model takes it. */
export const workerShapeOf = ({ worker: { cpu, memoryMiB, runsOn } }: Pick<Deployment, 'worker'>): WorkerShape =>
  runsOn === 'gpu' ? { kind: 'gpu' } : { kind: runsOn, vcpu: cpu / 1024, memoryGb: memoryMiB / 1024 };
