import type { OperatorContext, OperatorConverter } from '../operator-context.ts';

/** Of rows and columns: how many pictures, and how much is added or cut before and after. */
function amounts(context: OperatorContext) {
  const [blocks, listed = []] = [context.integers(1), context.integers(2)];
  const [rows, columns, ...more] = blocks ?? [];
  if (!rows || !columns || more.length > 0 || listed.length !== 4)
    throw context.unsupported(`blocks of [${blocks}], [${listed}] beside them`);
  const [top, bottom, left, right] = listed as [number, number, number, number];
  return { apart: [rows, columns] as const, top, bottom, left, right };
}

/** The pictures stay whole: only the padding is done. */
const spaceToBatch: OperatorConverter = (context) => {
  const { name, height, width, channels } = context.pictures();
  const { shape, apart: already } = context.value();
  const { apart, top, bottom, left, right } = amounts(context);
  const [down, across] = [height + top + bottom, width + left + right];
  if (already || down % apart[0] !== 0 || across % apart[1] !== 0)
    throw context.unsupported(`[${shape}] in blocks of [${apart}]`);
  const pads = context.graph.list([0, 0, top, left, 0, 0, bottom, right]);
  const padded = context.graph.node('Pad', [name, pads, context.graph.scalar(0)]);
  return { name: padded, shape: [shape[0] ?? 1, down, across, channels], apart };
};

const batchToSpace: OperatorConverter = (context) => {
  const { name, height, width, channels } = context.pictures();
  const { shape, apart: already } = context.value();
  const { apart, top, bottom, left, right } = amounts(context);
  if (already?.join() !== apart.join())
    throw context.unsupported(`blocks of [${apart}], after more than a convolution of such`);
  const [starts, ends, axes] = [
    [top, left],
    [height - bottom, width - right],
    [2, 3],
  ].map((each) => context.graph.list(each)) as [string, string, string];
  const whole = context.graph.node('Slice', [name, starts, ends, axes]);
  return { name: whole, shape: [shape[0] ?? 1, height - top - bottom, width - left - right, channels] };
};

export const picturesApart: Readonly<Record<string, OperatorConverter>> = {
  BATCH_TO_SPACE_ND: batchToSpace,
  SPACE_TO_BATCH_ND: spaceToBatch,
};
