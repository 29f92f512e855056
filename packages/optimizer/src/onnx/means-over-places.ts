import { intsOf } from './attributes.ts';
import type { GraphView } from './graph-view.ts';
import type { NodeMessage } from './messages.ts';
import { tensorNumbers } from './tensor.ts';

/** Axes of a reduction or a Squeeze in ascending order: an attribute, or, in later operator sets, an input. Empty where they are not constant. */
export function axesOf(node: NodeMessage, { constants }: Pick<GraphView, 'constants'>): readonly number[] {
  const tensor = constants.get(node.input[1] ?? '');
  return [...(intsOf(node, 'axes') ?? (tensor ? tensorNumbers(tensor) : []))].sort((a, b) => a - b);
}

/** Whether these are the height and width of `[batch, channels, height, width]`. */
export const arePlaces = (axes: readonly number[]): boolean => axes.join() === '2,3' || axes.join() === '-2,-1';

/** Whether a node takes the mean over height and width. */
export const isMeanOverPlaces = (node: NodeMessage, view: Pick<GraphView, 'constants'>): boolean =>
  node.opType === 'ReduceMean' && arePlaces(axesOf(node, view));
