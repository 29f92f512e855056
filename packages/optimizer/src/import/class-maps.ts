import { valueInfo } from '../onnx/graph-builder.ts';
import type { ModelMessage, ValueInfoMessage } from '../onnx/messages.ts';

const isZipMap = ({ domain, opType }: ModelMessage['graph']['node'][number]): boolean =>
  domain === 'ai.onnx.ml' && opType === 'ZipMap';
const isText = ({ type }: ValueInfoMessage): boolean => type?.tensorType?.elemType === 8;

/**
 * Gives the scores of a model that would give a map from label to score, and the best label as text, as Azure's Custom Vision exports
 * them: rows of numbers in the order of the labels.
 */
export function dropClassMaps({ graph }: ModelMessage): void {
  const maps = new Map(graph.node.filter(isZipMap).map(({ input, output }) => [output[0] ?? '', input[0] ?? '']));
  if (maps.size === 0) return;
  graph.node = graph.node.filter((node) => !isZipMap(node));
  graph.output = graph.output
    .filter((output) => !isText(output))
    .map((output) => {
      const scores = maps.get(output.name);
      return scores === undefined ? output : valueInfo(scores, 'float32', ['batch', 'classes']);
    });
}
