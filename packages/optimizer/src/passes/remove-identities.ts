import { intsOf } from '../onnx/attributes.ts';
import { nameMaker, replaceReads, viewGraph } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { tensorNumbers } from '../onnx/tensor.ts';

/** Removes nodes that pass their input on: Identity, Dropout outside training, Transpose that moves nothing. @returns how many. */
export function removeIdentities({ graph }: ModelMessage): number {
  let removed = 0;
  const fresh = nameMaker(graph);
  let view = viewGraph(graph);
  for (const node of [...graph.node]) {
    const [input = ''] = node.input;
    const [output = '', ...others] = node.output;
    if (
      !passesOn(node, view.constants) ||
      others.some((name) => view.consumers(name).length > 0 || view.isOutput(name))
    )
      continue;
    if (passedThrough(graph.node, output)) continue;
    if (view.isOutput(output)) {
      // The output keeps its name: its maker takes it over, where that is a node and its value is not an output itself.
      const maker = view.producers.get(input);
      if (!maker || view.isOutput(input) || passedThrough(graph.node, input)) continue;
      const unused = fresh(`${output}_was`);
      node.output = [unused, ...others];
      maker.output = maker.output.map((name) => (name === input ? output : name));
      replaceReads(graph, input, output);
    } else {
      replaceReads(graph, output, input);
    }
    graph.node = graph.node.filter((each) => each !== node);
    view = viewGraph(graph);
    removed += 1;
  }
  return removed;
}

function passesOn(node: NodeMessage, constants: ReadonlyMap<string, TensorMessage>): boolean {
  if (node.domain !== undefined && node.domain !== '' && node.domain !== 'ai.onnx') return false;
  switch (node.opType) {
    case 'Identity':
      return true;
    case 'Dropout': {
      const mode = node.input[2];
      const training = mode === undefined || mode === '' ? undefined : constants.get(mode);
      return mode === undefined || mode === '' || (training !== undefined && tensorNumbers(training)[0] === 0);
    }
    case 'Transpose':
      return (
        intsOf(node, 'perm')?.every((axis, place) => axis === place) === true && (intsOf(node, 'perm')?.length ?? 0) > 0
      );
    default:
      return false;
  }
}

/** Whether an inner graph gives the value out under its own name, where it cannot be renamed. */
const passedThrough = (nodes: readonly NodeMessage[], value: string): boolean =>
  nodes.some((node) =>
    node.attribute.some((attribute) =>
      [...(attribute.g ? [attribute.g] : []), ...(attribute.graphs ?? [])].some(
        (graph) => graph.output.some(({ name }) => name === value) || passedThrough(graph.node, value),
      ),
    ),
  );
