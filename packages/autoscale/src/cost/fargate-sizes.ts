import { RookeryError } from '@rookery/contracts';

interface FargateSize {
  readonly vcpu: number;
  /** All that there are, the least first. */
  readonly memoryGb: readonly number[];
}

const steps = (from: number, to: number, step: number): number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, n) => from + n * step);

/**
 * Tasks that Fargate runs on Linux
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size).
 */
const sizes: readonly FargateSize[] = [
  { vcpu: 0.25, memoryGb: [0.5, 1, 2] },
  { vcpu: 0.5, memoryGb: steps(1, 4, 1) },
  { vcpu: 1, memoryGb: steps(2, 8, 1) },
  { vcpu: 2, memoryGb: steps(4, 16, 1) },
  { vcpu: 4, memoryGb: steps(8, 30, 1) },
  { vcpu: 8, memoryGb: steps(16, 60, 4) },
  { vcpu: 16, memoryGb: steps(32, 120, 8) },
];

/** A task of Fargate; without `memoryGb` with the least that it can have. @throws {RookeryError} USAGE, with what there is */
export function fargateSize(vcpu: number, memoryGb?: number): { readonly vcpu: number; readonly memoryGb: number } {
  const size = sizes.find((each) => each.vcpu === vcpu);
  if (!size)
    throw new RookeryError('USAGE', {
      detail: `Fargate has no task of ${vcpu} vCPU, only of ${sizes.map((each) => each.vcpu).join(', ')}`,
    });
  const [least = 0, next = 0] = size.memoryGb;
  const most = size.memoryGb.at(-1);
  if (memoryGb === undefined) return { vcpu, memoryGb: least };
  if (size.memoryGb.includes(memoryGb)) return { vcpu, memoryGb };
  const there =
    size.memoryGb.length > 4 ? `${least} to ${most} GB in steps of ${next - least}` : `${size.memoryGb.join(', ')} GB`;
  throw new RookeryError('USAGE', {
    detail: `Fargate has no task of ${vcpu} vCPU and ${memoryGb} GB: with so many vCPU it has ${there}`,
  });
}
