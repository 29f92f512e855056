import { attribute, floatOf, intsOf, textOf } from '../onnx/attributes.ts';
import { viewGraph } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage } from '../onnx/messages.ts';
import { tensorNumbers } from '../onnx/tensor.ts';

/** Makes padding with zeros part of the convolution that reads it. @returns how many nodes went. */
export function foldPads({ graph }: ModelMessage): number {
  let folded = 0;
  for (const pad of [...graph.node]) {
    if (pad.opType !== 'Pad') continue;
    const view = viewGraph(graph);
    const conv = view.soleConsumer(pad.output[0] ?? '');
    if (conv?.opType !== 'Conv' || conv.input[0] !== pad.output[0]) continue;
    if (!['', 'NOTSET', 'VALID'].includes(textOf(conv, 'auto_pad') ?? '')) continue;
    const constant = (name: string | undefined): number[] | undefined => {
      const tensor = name ? view.constants.get(name) : undefined;
      return tensor && [...tensorNumbers(tensor)];
    };
    // Up to operator set 10 an attribute, then an input.
    const amounts = intsOf(pad, 'pads') ?? constant(pad.input[1]);
    const value = pad.input[2] ? constant(pad.input[2])?.[0] : floatOf(pad, 'value', 0);
    const [batchBefore, channelBefore, top = 0, left = 0, batchAfter, channelAfter, bottom = 0, right = 0] =
      amounts ?? [];
    const constantMode = ['constant', undefined].includes(textOf(pad, 'mode')) && !pad.input[3];
    if (
      amounts?.length !== 8 ||
      value !== 0 ||
      !constantMode ||
      [batchBefore, channelBefore, batchAfter, channelAfter].some((n) => n !== 0)
    )
      continue;
    if ([top, left, bottom, right].some((amount) => amount < 0)) continue;
    const own = intsOf(conv, 'pads');
    const [ownTop = 0, ownLeft = 0, ownBottom = 0, ownRight = 0] = own?.length ? own : [];
    setPads(conv, [ownTop + top, ownLeft + left, ownBottom + bottom, ownRight + right]);
    conv.input = [pad.input[0] ?? '', ...conv.input.slice(1)];
    graph.node = graph.node.filter((node) => node !== pad);
    folded += 1;
  }
  return folded;
}

function setPads(conv: NodeMessage, pads: readonly number[]): void {
  const others = conv.attribute.filter(({ name }) => name !== 'pads' && name !== 'auto_pad');
  conv.attribute = [...others, attribute('pads', pads)];
}
