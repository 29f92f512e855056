import { intOf, intsOf } from '../onnx/attributes.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import { type GraphView, nameMaker, viewGraph } from '../onnx/graph-view.ts';
import { axesOf, isMeanOverPlaces } from '../onnx/means-over-places.ts';
import type { ModelMessage, NodeMessage } from '../onnx/messages.ts';

/**
 * Means over height and width become GlobalAveragePool, and Flatten where they drop these axes: PyTorch's exporters write both forms, and
 * everything that knows a pooled head, or pools bytes, knows one. @returns how many.
 */
export function useGlobalPools({ graph }: ModelMessage): number {
  const view = viewGraph(graph);
  const shapes = new Map(graph.valueInfo.map(({ name, type }) => [name, type?.tensorType?.shape?.dim.length] as const));
  const fresh = nameMaker(graph);
  let made = 0;
  graph.node = graph.node.flatMap((node) => {
    const [value = ''] = node.input;
    const [result = ''] = node.output;
    if (!isMeanOverPlaces(node, view)) return [node];
    // From the end, these axes are the picture's only where there are four.
    const fromEnd = axesOf(node, view).some((axis) => axis < 0);
    const axes = shapes.get(value) ?? axesCount(value, view) ?? (fromEnd ? undefined : 4);
    if (axes !== 4) return [node];
    made += 1;
    if (intOf(node, 'keepdims', 1) === 1) return [pooling(node, value, result)];
    const pooled = fresh(`${result}_pooled`);
    return [pooling(node, value, pooled), makeNode('Flatten', [pooled], [result], { axis: 1 })];
  });
  return made;
}

const pooling = ({ name }: NodeMessage, value: string, result: string): NodeMessage => ({
  ...makeNode('GlobalAveragePool', [value], [result]),
  ...(name !== undefined && { name }),
});

const pictures = /^(Conv|BatchNormalization|MaxPool|AveragePool|GlobalAveragePool|InstanceNormalization)$/;
const alike = /^(Relu|Clip|Sigmoid|HardSwish|HardSigmoid|Tanh|Erf|Softplus|LeakyRelu|Elu|Cast|Identity|Concat)$/;

/** Of a value's axes, their number, where what makes it tells. */
function axesCount(value: string, view: GraphView): number | undefined {
  const node = view.producers.get(value);
  if (!node) return undefined;
  if (pictures.test(node.opType)) return 4;
  if (node.opType === 'Transpose') return intsOf(node, 'perm')?.length;
  if (alike.test(node.opType)) return axesCount(node.input[0] ?? '', view);
  if (!/^(Add|Mul)$/.test(node.opType)) return undefined;
  const counts = node.input.map((name) => axesCount(name, view));
  return counts.find((count) => count !== undefined);
}
