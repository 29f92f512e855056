import { availableParallelism } from 'node:os';
import { gzipSync } from 'node:zlib';
import type { Sample } from '../sample.ts';
import { type Agreement, agreementOf } from './agreement.ts';
import { type LayerNoise, layerNoise } from './layer-noise.ts';
import { type Pace, paceOf, type Runnable } from './pace.ts';
import { scoresOf } from './scores.ts';

/** What a changed graph gains and costs against the one that it was made of. */
export interface GraphComparison {
  readonly size: {
    readonly referenceBytes: number;
    readonly bytes: number;
    /** As a compressing store or download carries them. */
    readonly referenceGzipBytes: number;
    readonly gzipBytes: number;
  };
  readonly pace: readonly Pace[];
  readonly agreement: Agreement;
  readonly layers: readonly LayerNoise[];
}

export interface CompareOptions {
  /** For each picture of the sample the number of its source. */
  readonly sources: readonly number[];
  readonly threads?: number | undefined;
  readonly seconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Compares two serving graphs on pictures that neither was changed with. */
export async function compareGraphs(
  reference: Runnable,
  changed: Runnable,
  sample: Sample,
  { sources, threads = availableParallelism(), seconds, signal }: CompareOptions,
): Promise<GraphComparison> {
  const scores = (of: Runnable) => scoresOf(of.graph, sample, { threads, config: of.sessionConfig ?? {}, signal });
  return {
    size: {
      referenceBytes: reference.graph.byteLength,
      bytes: changed.graph.byteLength,
      referenceGzipBytes: gzipSync(reference.graph).byteLength,
      gzipBytes: gzipSync(changed.graph).byteLength,
    },
    agreement: agreementOf(await scores(reference), await scores(changed), sources),
    layers: await layerNoise(reference.graph, changed.graph, sample, signal),
    pace: await paceOf(reference, changed, sample, { threads, seconds, signal }),
  };
}
