import type { OperatorConverter } from '../conversion.ts';
import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { convolutions } from './convolutions.ts';
import { parts } from './parts.ts';
import { pooling } from './pooling.ts';
import { quantisers } from './quantisers.ts';
import { shapes } from './shapes.ts';

/** By ONNX's names: what serving graphs of MobileNet, EfficientNet, Inception and ResNet are made of. */
export const operatorConverters: ReadonlyMap<string, OperatorConverter> = new Map(
  Object.entries({ ...activations, ...arithmetic, ...convolutions, ...parts, ...pooling, ...quantisers, ...shapes }),
);
