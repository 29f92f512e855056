import type { OperatorConverter } from '../operator-context.ts';
import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { convolutions } from './convolutions.ts';
import { dense } from './dense.ts';
import { partial } from './parts.ts';
import { picturesApart } from './pictures-apart.ts';
import { pooling } from './pooling.ts';
import { shapes } from './shapes.ts';

/** By TFLite's names: what MobileNet v1 to v3, EfficientNet, Inception, ResNet and their like are made of. */
export const operatorConverters: ReadonlyMap<string, OperatorConverter> = new Map(
  Object.entries({
    ...activations,
    ...arithmetic,
    ...convolutions,
    ...dense,
    ...partial,
    ...picturesApart,
    ...pooling,
    ...shapes,
  }),
);
