import { digestOf, type ServingModel } from '@rookery/contracts';
import type { ExportSource } from '@rookery/optimizer';

/** What a registry would load. */
export const servedBy = (
  { manifest, variant, graph, sessionConfig, labels }: ExportSource,
  stableBatch = 1,
): ServingModel => ({
  name: manifest.name,
  version: manifest.version,
  variant,
  format: 'onnx',
  graph: { bytes: graph, digest: digestOf(graph) },
  input: manifest.signature.input,
  output: manifest.signature.output,
  preprocessing: manifest.preprocessing,
  decode: 'exact',
  stableBatch,
  ...(sessionConfig && { sessionConfig }),
  labels,
  labelsDigest: digestOf(labels.join('\n')),
});
