import { innerGraphs } from './attributes.ts';
import type { GraphMessage, NodeMessage, TensorMessage } from './messages.ts';

/** Who makes and who reads each value of a graph, as it is now. Make a new one after changing the graph. */
export interface GraphView {
  readonly producers: ReadonlyMap<string, NodeMessage>;
  readonly constants: ReadonlyMap<string, TensorMessage>;
  /** Nodes of this graph that read the value, also from inside their inner graphs; a node that reads it twice stands twice. */
  consumers(value: string): readonly NodeMessage[];
  isOutput(value: string): boolean;
  /** The one node that reads the value, if nothing else does. */
  soleConsumer(value: string): NodeMessage | undefined;
}

/** The graph's constants by name. */
export const constantsOf = (graph: GraphMessage): Map<string, TensorMessage> =>
  new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));

export function viewGraph(graph: GraphMessage): GraphView {
  const producers = new Map<string, NodeMessage>();
  const readers = new Map<string, NodeMessage[]>();
  for (const node of graph.node) {
    for (const output of node.output) if (output) producers.set(output, node);
    for (const value of valuesReadBy(node)) {
      const known = readers.get(value);
      if (known) known.push(node);
      else readers.set(value, [node]);
    }
  }
  const outputs = new Set(graph.output.map(({ name }) => name));
  const consumers = (value: string): readonly NodeMessage[] => readers.get(value) ?? [];
  return {
    producers,
    constants: constantsOf(graph),
    consumers,
    isOutput: (value) => outputs.has(value),
    soleConsumer: (value) => (consumers(value).length === 1 && !outputs.has(value) ? consumers(value)[0] : undefined),
  };
}

/** Inputs of a node and whatever its inner graphs read; a name that an inner graph defines itself does no harm here. */
export function valuesReadBy(node: NodeMessage): string[] {
  const inner = innerGraphs(node).flatMap((graph) => [
    ...graph.node.flatMap(valuesReadBy),
    ...graph.output.map(({ name }) => name),
  ]);
  return [...node.input.filter((name) => name !== ''), ...inner];
}

/** Makes names that the graph, inner graphs included, does not have; the same graph gives the same names. */
export function nameMaker(graph: GraphMessage): (base: string) => string {
  const taken = new Set<string>();
  const take = ({ node, initializer, input, output }: GraphMessage): void => {
    for (const { name } of [...initializer, ...input, ...output]) taken.add(name);
    for (const each of node) {
      for (const name of [...each.input, ...each.output]) taken.add(name);
      for (const inner of innerGraphs(each)) take(inner);
    }
  };
  take(graph);
  return (base) => {
    let name = base;
    for (let n = 1; taken.has(name); n += 1) name = `${base}_${n}`;
    taken.add(name);
    return name;
  };
}

/** Puts `to` wherever the graph's nodes, inner graphs included, read `from`. */
export function replaceReads(graph: GraphMessage, from: string, to: string): void {
  for (const node of graph.node) {
    if (node.input.includes(from)) node.input = node.input.map((name) => (name === from ? to : name));
    for (const inner of innerGraphs(node)) {
      replaceReads(inner, from, to);
      for (const output of inner.output)
        if (output.name === from) throw new Error(`an inner graph passes ${from} through`);
    }
  }
}
