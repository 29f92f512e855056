import { intOf, intsOf } from '../onnx/attributes.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import { type GraphView, nameMaker, viewGraph } from '../onnx/graph-view.ts';
import { arePlaces, axesOf } from '../onnx/means-over-places.ts';
import type { GraphMessage, ModelMessage, NodeMessage } from '../onnx/messages.ts';
import { tensorDims, tensorNumbers } from '../onnx/tensor.ts';

/**
 * Behind a global pooling, a Reshape or Squeeze that leaves `[batch, channels]` becomes Flatten; a layer normalisation between two
 * transpositions, as in ConvNeXt, is that of the flattened means. @returns how many nodes changed.
 */
export function flattenMeans({ graph }: ModelMessage): number {
  let changed = 0;
  let view = viewGraph(graph);
  for (const node of [...graph.node]) {
    const [value = ''] = node.input;
    if (!flattens(node, view)) continue;
    const normalised = normalisedBefore(node, view);
    if (normalised) {
      flattenBefore(graph, node, normalised);
      view = viewGraph(graph);
      changed += 1;
    } else if (node.opType !== 'Flatten' && isPooled(value, view)) {
      Object.assign(node, makeNode('Flatten', [value], node.output, { axis: 1 }));
      view = viewGraph(graph);
      changed += 1;
    }
  }
  return changed;
}

/** Whether it makes two axes of four; a shape that is computed is taken for such where a dense layer reads the result. */
function flattens(node: NodeMessage, view: GraphView): boolean {
  if (node.opType === 'Flatten') return intOf(node, 'axis', 1) === 1;
  if (node.opType === 'Squeeze') return arePlaces(axesOf(node, view));
  if (node.opType !== 'Reshape') return false;
  const shape = view.constants.get(node.input[1] ?? '');
  return shape ? tensorNumbers(shape).length === 2 : view.soleConsumer(node.output[0] ?? '')?.opType === 'Gemm';
}

const onEach = /^(Relu|Clip|Sigmoid|HardSwish|HardSigmoid|Tanh|Dropout|Identity|BatchNormalization)$/;

/** Whether a value is `[batch, channels, 1, 1]`: means over the places, and what is made of each channel or by convolutions of one pixel. */
function isPooled(value: string, view: GraphView): boolean {
  const node = view.producers.get(value);
  if (!node) return false;
  if (node.opType === 'GlobalAveragePool') return true;
  if (node.opType === 'Conv') {
    const weights = view.constants.get(node.input[1] ?? '');
    if (!weights || tensorDims(weights).slice(2).join() !== '1,1') return false;
  } else if (!onEach.test(node.opType)) return false;
  return isPooled(node.input[0] ?? '', view);
}

interface NormalisedMeans {
  readonly pooled: string;
  readonly normalisation: NodeMessage;
}

function normalisedBefore(node: NodeMessage, view: GraphView): NormalisedMeans | undefined {
  const alone = (value: string | undefined): NodeMessage | undefined => {
    const maker = view.producers.get(value ?? '');
    return maker && view.soleConsumer(value ?? '') ? maker : undefined;
  };
  const back = alone(node.input[0]);
  const normalisation = alone(back?.input[0]);
  const forth = alone(normalisation?.input[0]);
  const [pooled = ''] = forth?.input ?? [];
  if (back?.opType !== 'Transpose' || intsOf(back, 'perm')?.join() !== '0,3,1,2') return undefined;
  if (forth?.opType !== 'Transpose' || intsOf(forth, 'perm')?.join() !== '0,2,3,1') return undefined;
  if (normalisation?.opType !== 'LayerNormalization' || ![3, -1].includes(intOf(normalisation, 'axis', -1)))
    return undefined;
  return isPooled(pooled, view) ? { pooled, normalisation } : undefined;
}

/** The normalisation takes the flattened means, and gives what was flattened behind it. */
function flattenBefore(graph: GraphMessage, node: NodeMessage, { pooled, normalisation }: NormalisedMeans): void {
  const flat = nameMaker(graph)(`${pooled}_flat`);
  const { input, attribute } = normalisation;
  const whole = makeNode('LayerNormalization', [flat, ...input.slice(1)], node.output, { axis: -1 });
  whole.attribute = [...whole.attribute, ...attribute.filter(({ name }) => name !== 'axis')];
  graph.node = graph.node.flatMap((each) =>
    each === node ? [makeNode('Flatten', [pooled], [flat], { axis: 1 }), whole] : [each],
  );
}
