import { digestOf, RookeryError } from '@rookery/contracts';
import { type Imported, importGraph } from '../import/import-graph.ts';
import type { ImportOptions } from '../import/import-options.ts';
import { type LayersModel, layersToOnnx } from './layers-to-onnx.ts';

/**
 * Turns a TensorFlow.js layers model (Keras, functional or sequential, of the MobileNet family) into a version that can be served.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED with the layer's name and class; MODEL_INVALID; LABELS_INVALID.
 */
export async function importLayersModel(model: LayersModel, options: ImportOptions): Promise<Imported> {
  if (options.layout === 'nchw') throw new RookeryError('USAGE', { detail: 'layers models take nhwc' });
  const { width, height } = options;
  const graph = layersToOnnx(model, { ...(width !== undefined && { width }), ...(height !== undefined && { height }) });
  return importGraph(
    graph,
    { ...options, layout: 'nhwc' },
    { importer: '@rookery/optimizer layers', sourceDigest: digestOf(model.weightData) },
  );
}
