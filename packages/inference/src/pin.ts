import type { Pin, ServingModel } from '@rookery/contracts';
import type { ClassifierOptions } from './classifier-options.ts';
import { findEngine } from './find-engine.ts';
import { decoderVersion, fastDecoderVersion } from './versions.ts';

/** Width times height beyond which a picture is not decoded. */
export const defaultMaxPixels = 50_000_000;

/** Everything a prediction depends on besides the picture, without loading model, engine or decoder: what a job is made with. */
export function pinOf(
  model: ServingModel,
  options: Pick<ClassifierOptions, 'device' | 'engine' | 'enginesFolder' | 'maxPixels'> = {},
): Pin {
  const { device = 'cpu', maxPixels = defaultMaxPixels } = options;
  const { name, version } = findEngine(model, options);
  return {
    model: { name: model.name, version: model.version, variant: model.variant },
    graph: model.graph.digest,
    labels: model.labelsDigest,
    preprocessing: model.preprocessing,
    stableBatch: model.stableBatch,
    ...(model.adapt && { adapt: model.adapt }),
    decode: model.decode,
    maxPixels,
    engine: { name, version, device: device === 'cpu' ? 'cpu' : 'gpu' },
    decoder: model.decode === 'fast' ? fastDecoderVersion() : decoderVersion(),
  };
}
