import { constantOf, isFloat } from '../constant.ts';
import type { NodeContext, OperatorConverter, Value } from '../conversion.ts';
import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { convolutions } from './convolutions.ts';
import { partial } from './parts.ts';
import { picturesApart } from './pictures-apart.ts';
import { pooling } from './pooling.ts';
import { shapes } from './shapes.ts';

/** What changes nothing outside training. */
const passOn: OperatorConverter = (context) => context.inputs.filter((value): value is Value => value !== undefined);

const shape: OperatorConverter = (context) => {
  const value = context.value();
  const dims = value.kind === 'flow' ? value.shape : value.dims;
  return constantOf([dims.length], [...dims]);
};

/** The engine computes in float32; whole numbers only serve shapes. */
const cast: OperatorConverter = (context: NodeContext) => {
  const value = context.value();
  if (value.kind === 'flow') {
    if (!isFloat(context.node.attr.DstT?.type ?? 1)) throw context.unsupported('to whole numbers');
    return value;
  }
  return isFloat(context.node.attr.DstT?.type ?? 1) ? constantOf(value.dims, Float32Array.from(value.values)) : value;
};

/** By TensorFlow's names: what MobileNet, EfficientNet, Inception and ResNet and their heads are made of. */
export const operatorConverters: ReadonlyMap<string, OperatorConverter> = new Map(
  Object.entries({
    ...activations,
    ...arithmetic,
    ...convolutions,
    ...partial,
    ...picturesApart,
    ...pooling,
    ...shapes,
    Cast: cast,
    CheckNumerics: passOn,
    Enter: passOn,
    EnsureShape: passOn,
    Identity: passOn,
    IdentityN: passOn,
    PlaceholderWithDefault: passOn,
    PreventGradient: passOn,
    ReadVariableOp: passOn,
    Shape: shape,
    Snapshot: passOn,
    StopGradient: passOn,
  }),
);
