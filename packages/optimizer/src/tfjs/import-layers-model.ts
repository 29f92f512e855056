import { digestOf, RookeryError } from '@rookery/contracts';
import { type Imported, importGraph } from '../import/import-graph.ts';
import type { ImportOptions } from '../import/import-options.ts';
import { asKeras2, isKeras3 } from '../keras/as-keras-2.ts';
import { kerasToOnnx, type LayersModel } from './layers-to-onnx.ts';
import { readWeights } from './weights.ts';
import { byLayer } from './weights-of-archive.ts';

/**
 * Turns a TensorFlow.js layers model (Keras, functional or sequential) into a version that can be served.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED with the layer's name and class; MODEL_INVALID; LABELS_INVALID.
 */
export async function importLayersModel(model: LayersModel, options: ImportOptions): Promise<Imported> {
  if (options.layout === 'nchw') throw new RookeryError('USAGE', { detail: 'layers models take nhwc' });
  const { width, height } = options;
  const topology = ofAnyVersion(model.modelTopology);
  const weights = byLayer(readWeights(model.weightsManifest, model.weightData), topology);
  const graph = kerasToOnnx(topology, weights, {
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
  });
  return importGraph(
    graph,
    { ...options, layout: 'nhwc' },
    { importer: '@rookery/optimizer layers', sourceDigest: digestOf(model.weightData) },
  );
}

/** Python's converter writes what Keras gave it, of version 3 too. */
function ofAnyVersion(topology: unknown): unknown {
  if (typeof topology !== 'object' || topology === null) return topology;
  const { model_config, keras_version } = topology as { model_config?: unknown; keras_version?: unknown };
  // TensorFlow.js writes its own version there.
  const ofKeras = typeof keras_version === 'string' && /^\d/.test(keras_version);
  return asKeras2(model_config ?? topology, ofKeras && isKeras3(keras_version));
}
