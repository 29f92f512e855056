import { availableParallelism, cpus } from 'node:os';
import type { ServingModel } from '@rookery/contracts';
import type { GraphComparison } from '@rookery/optimizer';
import type { SplitPictures } from './split-pictures.ts';

/** A picture whose label changed, with names instead of numbers. */
export interface FlippedPicture {
  readonly picture: string;
  readonly from: string;
  readonly to: string;
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

/** What changing a model has brought and cost: the JSON report. */
export interface OptimizeReport extends Omit<GraphComparison, 'agreement'> {
  readonly v: 1;
  readonly title: string;
  readonly model: string;
  /** Of the version that was read; of the one that was published. */
  readonly from: { readonly version: string; readonly variant: string };
  readonly to: { readonly version: string; readonly variant: string };
  readonly facts: Readonly<Record<string, string | number>>;
  readonly calibration: { readonly pictures: number; readonly sources: number };
  readonly agreement: Omit<GraphComparison['agreement'], 'flips'> & { readonly flips: readonly FlippedPicture[] };
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string };
}

export interface ReportParts {
  readonly title: string;
  readonly model: ServingModel;
  readonly to: { readonly version: string; readonly variant: string };
  readonly facts: Readonly<Record<string, string | number>>;
  readonly split: SplitPictures;
  readonly comparison: GraphComparison;
}

export function makeReport({ title, model, to, facts, split, comparison }: ReportParts): OptimizeReport {
  const { name, version, variant, labels } = model;
  const label = (index: number): string => labels[index] ?? String(index);
  const { flips, ...agreement } = comparison.agreement;
  return {
    v: 1,
    title,
    model: name,
    from: { version, variant },
    to,
    facts,
    calibration: { pictures: split.calibration.count, sources: split.calibrationSources },
    ...comparison,
    agreement: {
      ...agreement,
      flips: flips.map(({ picture, from, to: other, before, after }) => ({
        picture: split.check.names[picture] ?? '',
        from: label(from),
        to: label(other),
        before,
        after,
      })),
    },
    machine: {
      processor: cpus()[0]?.model.trim() ?? process.arch,
      cores: availableParallelism(),
      node: process.version,
    },
  };
}
