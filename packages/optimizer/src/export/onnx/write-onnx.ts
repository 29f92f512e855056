import { decodeModel, encodeModel } from '../../onnx/codec.ts';
import { removeDeadNodes } from '../../passes/remove-dead-nodes.ts';
import type { ExportSource } from '../export-format.ts';
import { exportFacts } from '../facts.ts';

/** The serving graph, with what it is and its labels in its metadata. What nothing reads would be a warning wherever it is loaded. */
export function writeOnnx(source: ExportSource): Uint8Array {
  const model = decodeModel(source.graph);
  removeDeadNodes(model);
  const { model: name, version, variant, input, preprocessing } = exportFacts(source, 'onnx');
  const said = {
    'rookery.model': `${name}@${version}`,
    'rookery.variant': variant,
    'rookery.input': JSON.stringify(input),
    'rookery.preprocessing': JSON.stringify(preprocessing),
    'rookery.labels': source.labels.join('\n'),
  };
  const own = (model.metadataProps ?? []).filter(({ key }) => !(key in said));
  return encodeModel({
    ...model,
    metadataProps: [...own, ...Object.entries(said).map(([key, value]) => ({ key, value }))],
  });
}
