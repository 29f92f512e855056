import { cropped, padded, readApart } from '../../onnx/pictures-apart.ts';
import { flowOf, type NodeContext, type OperatorConverter } from '../conversion.ts';

function cutOf(context: NodeContext) {
  const cut = readApart(context.integers(1), context.integers(2));
  if (!cut) throw context.unsupported(`blocks of [${context.integers(1)}]`);
  return cut;
}

/** The pictures stay whole: only the padding is done. */
const spaceToBatch: OperatorConverter = (context) => {
  const pictures = context.pictures();
  const cut = cutOf(context);
  const made = context.flow().apart ? undefined : padded(context.graph, pictures, cut);
  if (!made) throw context.unsupported(`[${context.flow().shape}] in blocks of [${cut.apart}]`);
  return { ...flowOf(made.name, [pictures.batch, made.height, made.width, pictures.channels]), apart: cut.apart };
};

const batchToSpace: OperatorConverter = (context) => {
  const pictures = context.pictures();
  const cut = cutOf(context);
  if (context.flow().apart?.join() !== cut.apart.join())
    throw context.unsupported(`blocks of [${cut.apart}], after more than a convolution of such`);
  const { name, height, width } = cropped(context.graph, pictures, cut);
  return flowOf(name, [pictures.batch, height, width, pictures.channels]);
};

export const picturesApart: Readonly<Record<string, OperatorConverter>> = {
  BatchToSpaceND: batchToSpace,
  SpaceToBatchND: spaceToBatch,
};
