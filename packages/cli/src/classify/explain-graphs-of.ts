import { readFile } from 'node:fs/promises';
import type { MakeExplainGraphs } from '@rookery/inference';

/** The graphs of Grad-CAM of a model, where it is an ONNX graph with a head whose gradient is known. The optimiser is loaded when it is called. */
export const explainGraphsOf: MakeExplainGraphs = async ({ format, graph, output }) => {
  if (format !== 'onnx') return undefined;
  const { explainGraphs } = await import('@rookery/optimizer');
  const file = 'path' in graph ? await readFile(graph.path) : graph.bytes;
  return explainGraphs(file, output.name, output.classes);
};
