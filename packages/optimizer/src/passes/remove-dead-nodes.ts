import { valuesReadBy } from '../onnx/graph-view.ts';
import type { ModelMessage } from '../onnx/messages.ts';

/** Drops nodes, constants and descriptions that no output needs. @returns how many nodes and constants went. */
export function removeDeadNodes({ graph }: ModelMessage): number {
  const needed = new Set(graph.output.map(({ name }) => name));
  // Nodes stand in topological order, so one look from the end finds all that is needed.
  const nodes = graph.node.toReversed().filter((node) => {
    if (!node.output.some((name) => needed.has(name))) return false;
    for (const value of valuesReadBy(node)) needed.add(value);
    return true;
  });
  const constants = graph.initializer.filter(({ name }) => needed.has(name));
  const removed = graph.node.length - nodes.length + graph.initializer.length - constants.length;
  graph.node = nodes.reverse();
  graph.initializer = constants;
  graph.valueInfo = graph.valueInfo.filter(({ name }) => needed.has(name));
  return removed;
}
