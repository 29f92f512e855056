import { makeNode } from '../onnx/graph-builder.ts';
import { type GraphView, nameMaker, viewGraph } from '../onnx/graph-view.ts';
import type { GraphMessage, ModelMessage, NodeMessage } from '../onnx/messages.ts';
import { floatTensor, tensorNumbers } from '../onnx/tensor.ts';

interface Explained {
  readonly graph: GraphMessage;
  readonly output: string;
}

const reshaping = /^(Flatten|Reshape|Squeeze|Identity)$/;

/**
 * Where the scores are `1 - p` and `p` of one probability, as those of a model that tells two classes apart, both logits are written down:
 * what speaks for one class speaks against the other. Other graphs stay as they are.
 */
export function withBothLogits({ graph }: ModelMessage, output: string): Explained {
  const view = viewGraph(graph);
  const logit = logitOf(view.producers.get(output), view);
  if (logit === undefined) return { graph, output };
  const fresh = nameMaker(graph);
  const signs = floatTensor(fresh('explain_signs'), [1, 2], [-1, 1]);
  const both = fresh('explain_logits');
  return {
    graph: {
      ...graph,
      node: [...graph.node, makeNode('MatMul', [logit, signs.name], [both])],
      initializer: [...graph.initializer, signs],
    },
    output: both,
  };
}

/** Of the one probability, what its sigmoid takes. */
function logitOf(joint: NodeMessage | undefined, view: GraphView): string | undefined {
  const [other = '', probability = '', ...more] = joint?.opType === 'Concat' ? joint.input : [];
  const rest = view.producers.get(other);
  if (rest?.opType !== 'Sub' || rest.input[1] !== probability || more.length > 0) return undefined;
  const one = view.constants.get(rest.input[0] ?? '');
  if (!one || tensorNumbers(one)[0] !== 1) return undefined;
  let last = view.producers.get(probability);
  while (last && reshaping.test(last.opType)) last = view.producers.get(last.input[0] ?? '');
  return last?.opType === 'Sigmoid' ? last.input[0] : undefined;
}
