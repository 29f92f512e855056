import { cropped, padded, readApart } from '../../onnx/pictures-apart.ts';
import type { OperatorContext, OperatorConverter } from '../operator-context.ts';

function cutOf(context: OperatorContext) {
  const [blocks, listed] = [context.integers(1), context.integers(2)];
  const cut = readApart(blocks, listed);
  if (!cut) throw context.unsupported(`blocks of [${blocks}], [${listed}] beside them`);
  return cut;
}

/** The pictures stay whole: only the padding is done. */
const spaceToBatch: OperatorConverter = (context) => {
  const pictures = context.pictures();
  const { shape, apart: already } = context.value();
  const cut = cutOf(context);
  const made = already ? undefined : padded(context.graph, pictures, cut);
  if (!made) throw context.unsupported(`[${shape}] in blocks of [${cut.apart}]`);
  return { name: made.name, shape: [shape[0] ?? 1, made.height, made.width, pictures.channels], apart: cut.apart };
};

const batchToSpace: OperatorConverter = (context) => {
  const pictures = context.pictures();
  const { shape, apart } = context.value();
  const cut = cutOf(context);
  if (apart?.join() !== cut.apart.join())
    throw context.unsupported(`blocks of [${cut.apart}], after more than a convolution of such`);
  const { name, height, width } = cropped(context.graph, pictures, cut);
  return { name, shape: [shape[0] ?? 1, height, width, pictures.channels] };
};

export const picturesApart: Readonly<Record<string, OperatorConverter>> = {
  BATCH_TO_SPACE_ND: batchToSpace,
  SPACE_TO_BATCH_ND: spaceToBatch,
};
