import { innerGraphs } from '../onnx/attributes.ts';
import { encodeModel } from '../onnx/codec.ts';
import { DataType, type DataTypeName } from '../onnx/data-types.ts';
import { viewGraph } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { openSession } from '../session.ts';

/** What must stay: quantisation belongs to the engine's integer kernels, chance to each run. */
const kept = new Set(['DequantizeLinear', 'QuantizeLinear', 'DynamicQuantizeLinear', 'Multinomial', 'Bernoulli']);
/** Larger results would only make the file larger: they are cheap to compute from what is there. Bytes. */
const maxResultBytes = 1 << 20;
const foldedTypes: readonly DataTypeName[] = ['float32', 'int64', 'int32', 'bool', 'uint8', 'float64'];

/**
 * Replaces what depends on constants alone by its value, computed by ONNX Runtime without optimisation.
 * @returns how many nodes became constants.
 */
export async function foldConstants(model: ModelMessage): Promise<number> {
  const { graph } = model;
  const known = new Set(graph.initializer.map(({ name }) => name));
  const nodes = graph.node.filter((node) => {
    const foldable =
      node.input.length > 0 &&
      !kept.has(node.opType) &&
      !node.opType.startsWith('Random') &&
      innerGraphs(node).length === 0 &&
      node.input.every((name) => name === '' || known.has(name));
    if (foldable) for (const name of node.output) known.add(name);
    return foldable;
  });
  if (nodes.length === 0) return 0;
  const inside = new Set<NodeMessage>(nodes);
  const view = viewGraph(graph);
  const wanted = nodes.flatMap(({ output }) =>
    output.filter((name) => view.isOutput(name) || view.consumers(name).some((reader) => !inside.has(reader))),
  );
  if (wanted.length === 0) return 0;
  const values = await evaluate(model, nodes, wanted);
  const made = wanted.map((name) => values.get(name));
  if (made.some((tensor) => tensor === undefined || (tensor.rawData?.byteLength ?? 0) > maxResultBytes)) return 0;
  graph.initializer = [...graph.initializer, ...made.filter((tensor) => tensor !== undefined)];
  graph.node = graph.node.filter((node) => !inside.has(node));
  return nodes.length;
}

/** Runs the nodes as a model of their own; a value whose type cannot be written back is missing in the result. */
async function evaluate(
  model: ModelMessage,
  nodes: NodeMessage[],
  wanted: readonly string[],
): Promise<ReadonlyMap<string, TensorMessage>> {
  const read = new Set(nodes.flatMap(({ input }) => input));
  const initializer = model.graph.initializer.filter(({ name }) => read.has(name));
  const part: ModelMessage = {
    ...model,
    irVersion: 8,
    opsetImport: model.opsetImport,
    graph: {
      name: 'constants',
      node: nodes,
      initializer,
      input: [],
      output: wanted.map((name) => ({ name })),
      valueInfo: [],
    },
  };
  await using session = await openSession(encodeModel(part), { optimisation: 'disabled' });
  const results = await session.run({});
  const tensors = new Map<string, TensorMessage>();
  for (const [name, result] of Object.entries(results)) {
    const type = foldedTypes.find((each) => each === result.type);
    if (!type || typeof result.data === 'string' || !ArrayBuffer.isView(result.data)) continue;
    const { buffer, byteOffset, byteLength } = result.data;
    const rawData = new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));
    tensors.set(name, { name, dims: [...result.dims], dataType: DataType[type], rawData });
  }
  return tensors;
}
