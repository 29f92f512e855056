import type { ServingModel } from '@rookery/contracts';
import type { MachineRoof, NodeProfile, OperatorProfile } from '@rookery/optimizer';
import type { Timings } from '../classify/stage-report.ts';

/** All that is measured; `--json` prints it as it is. */
export interface Profile {
  readonly machine: { readonly processor: string | undefined; readonly cores: number; readonly node: string };
  readonly model: Pick<ServingModel, 'name' | 'version' | 'variant'>;
  readonly engine: { readonly name: string; readonly version: string };
  readonly timings: Timings;
  readonly cpuMsPerPicture: number;
  readonly tuning: { readonly threads: number; readonly batch: number };
  readonly roof: MachineRoof;
  readonly operators: OperatorProfile;
  readonly totals: readonly OperatorTotal[];
}

/** All nodes of one operator; of a picture, not of a batch. */
export interface OperatorTotal {
  readonly operator: string;
  readonly nodes: number;
  readonly msPerPicture: number;
  readonly share: number;
  readonly operationsPerSecond: number | undefined;
  readonly bytesPerSecond: number;
  /** What the machine needs at least over what it took. Above 1 where what is read lies in the cache. */
  readonly ofRoof: number;
}

export function totalsOf({ nodes, batch }: OperatorProfile): OperatorTotal[] {
  const groups = new Map<string, NodeProfile[]>();
  for (const node of nodes) groups.set(node.operator, [...(groups.get(node.operator) ?? []), node]);
  const sum = (of: readonly NodeProfile[], value: (node: NodeProfile) => number) =>
    of.reduce((total, node) => total + value(node), 0);
  const all = sum(nodes, ({ ms }) => ms);
  return [...groups]
    .map(([operator, group]) => {
      const ms = sum(group, (node) => node.ms);
      const known = group.every(({ operations }) => operations !== undefined);
      return {
        operator,
        nodes: group.length,
        msPerPicture: ms / batch,
        share: ms / all,
        operationsPerSecond: known ? (1000 * sum(group, ({ operations = 0 }) => operations)) / ms : undefined,
        bytesPerSecond: (1000 * sum(group, ({ bytes }) => bytes)) / ms,
        ofRoof: sum(group, ({ leastMs }) => leastMs) / ms,
      };
    })
    .sort((a, b) => b.share - a.share);
}
