import { flowOf, type NodeContext, type OperatorConverter } from '../conversion.ts';

/** Of rows and columns: how many pictures, and how much is added or cut before and after. */
function amounts(context: NodeContext) {
  const [rows, columns, ...more] = context.integers(1);
  const [top = 0, bottom = 0, left = 0, right = 0] = context.integers(2);
  if (!rows || !columns || more.length > 0) throw context.unsupported(`blocks of [${context.integers(1)}]`);
  return { apart: [rows, columns] as const, top, bottom, left, right };
}

/** The pictures stay whole: only the padding is done. */
const spaceToBatch: OperatorConverter = (context) => {
  const { name, batch, height, width, channels } = context.pictures();
  const { apart, top, bottom, left, right } = amounts(context);
  const [down, across] = [height + top + bottom, width + left + right];
  if (context.flow().apart || down % apart[0] !== 0 || across % apart[1] !== 0)
    throw context.unsupported(`[${context.flow().shape}] in blocks of [${apart}]`);
  const pads = context.graph.list([0, 0, top, left, 0, 0, bottom, right]);
  const padded = context.graph.node('Pad', [name, pads, context.graph.scalar(0)]);
  return { ...flowOf(padded, [batch, down, across, channels]), apart };
};

const batchToSpace: OperatorConverter = (context) => {
  const { name, batch, height, width, channels } = context.pictures();
  const { apart, top, bottom, left, right } = amounts(context);
  if (context.flow().apart?.join() !== apart.join())
    throw context.unsupported(`blocks of [${apart}], after more than a convolution of such`);
  const [starts, ends, axes] = [
    [top, left],
    [height - bottom, width - right],
    [2, 3],
  ].map((each) => context.graph.list(each)) as [string, string, string];
  const cut = context.graph.node('Slice', [name, starts, ends, axes]);
  return flowOf(cut, [batch, height - top - bottom, width - left - right, channels]);
};

export const picturesApart: Readonly<Record<string, OperatorConverter>> = {
  BatchToSpaceND: batchToSpace,
  SpaceToBatchND: spaceToBatch,
};
