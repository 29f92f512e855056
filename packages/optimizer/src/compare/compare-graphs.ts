import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
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
  /** A graph of the same scores whose layers have the values that the changed ones stand for, where the reference's own have others. */
  readonly layerReference?: Uint8Array | undefined;
  readonly threads?: number | undefined;
  readonly seconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const gzipped = promisify(gzip);

/** Compares two serving graphs on pictures that neither was changed with. */
export async function compareGraphs(
  reference: Runnable,
  changed: Runnable,
  sample: Sample,
  { sources, layerReference = reference.graph, threads = availableParallelism(), seconds, signal }: CompareOptions,
): Promise<GraphComparison> {
  const scores = (of: Runnable) => scoresOf(of.graph, sample, { threads, config: of.sessionConfig ?? {}, signal });
  // Beside what follows, and done before anything is timed.
  const packing = Promise.all([reference, changed].map(({ graph }) => gzipped(graph)));
  const agreement = agreementOf(await scores(reference), await scores(changed), sources);
  const layers = await layerNoise(layerReference, changed.graph, sample, signal);
  const [referenceGzipBytes = 0, gzipBytes = 0] = (await packing).map(({ byteLength }) => byteLength);
  return {
    size: {
      referenceBytes: reference.graph.byteLength,
      bytes: changed.graph.byteLength,
      referenceGzipBytes,
      gzipBytes,
    },
    agreement,
    layers,
    pace: await paceOf(reference, changed, sample, { threads, seconds, signal }),
  };
}
