import type { Digest, ModelDraft, Preprocessing } from '@rookery/contracts';
import { encodeModel } from '../onnx/codec.ts';
import { findStableBatch } from '../stable-batch.ts';
import type { ImportOptions } from './import-options.ts';
import type { Normalisation } from './normalisation.ts';
import { servingInput } from './serving-front.ts';
import type { ServingGraph } from './serving-graph.ts';

export interface DraftParts {
  readonly options: Pick<ImportOptions, 'labels' | 'source' | 'licence' | 'originalLabels'>;
  readonly notes: string[];
  readonly normalisation: Normalisation;
  readonly preprocessing: Preprocessing;
  readonly inputType: 'uint8' | 'float32';
  readonly variant: string;
  readonly sourceDigest: Digest;
  readonly importer: string;
}

/** The files and the manifest of a version, with the batch measured from which on its numbers are stable. */
export async function makeDraft({ model, output, classes }: ServingGraph, parts: DraftParts): Promise<ModelDraft> {
  const { options, notes, normalisation, preprocessing, variant } = parts;
  delete model.producerVersion;
  const bytes = encodeModel({ ...model, producerName: 'rookery' });
  const input = { name: servingInput, type: parts.inputType };
  const stable = await findStableBatch(bytes, { input, width: preprocessing.width, height: preprocessing.height });
  if (stable.bits > 1)
    notes.push(
      `smallest stable batch: ${stable.bits} (scores of six decimals: ${stable.rounded}, ${stable.pictures} pictures)`,
    );
  const path = `model.${variant}.onnx`;
  const files = new Map<string, Uint8Array>([
    [path, bytes],
    ['labels.txt', Buffer.from(`${options.labels.join('\n')}\n`, 'utf8')],
  ]);
  return {
    files,
    manifest: {
      signature: { input, output: { name: output, classes } },
      preprocessing,
      decode: 'exact',
      labels: 'labels.txt',
      variants: { [variant]: { format: 'onnx', path, stableBatch: stable.bits } },
      defaultVariant: variant,
      normalisation,
      provenance: {
        source: options.source,
        sourceDigest: parts.sourceDigest,
        ...(options.licence !== undefined && { licence: options.licence }),
        ...(options.originalLabels && { originalLabels: [...options.originalLabels] }),
        importer: parts.importer,
      },
    },
  };
}
