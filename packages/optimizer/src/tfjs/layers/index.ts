import type { LayerConverter } from '../layer-context.ts';
import { activation, leakyRelu, passOn, relu, rescaling, softmax } from './activations.ts';
import { conv2d, depthwiseConv2d, separableConv2d } from './convolutions.ts';
import { dense } from './dense.ts';
import { add, concatenate, multiply } from './merging.ts';
import { batchNormalization } from './normalisation.ts';
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from './pooling.ts';
import { flatten, reshape, zeroPadding2d } from './shapes.ts';

/** By Keras' class names: what the MobileNet family and its heads are made of. */
export const layerConverters: ReadonlyMap<string, LayerConverter> = new Map(
  Object.entries({
    Activation: activation,
    Add: add,
    AveragePooling2D: averagePooling2d,
    BatchNormalization: batchNormalization,
    Concatenate: concatenate,
    Conv2D: conv2d,
    Dense: dense,
    DepthwiseConv2D: depthwiseConv2d,
    Dropout: passOn,
    Flatten: flatten,
    GaussianNoise: passOn,
    GlobalAveragePooling2D: globalAveragePooling2d,
    GlobalMaxPooling2D: globalMaxPooling2d,
    LeakyReLU: leakyRelu,
    MaxPooling2D: maxPooling2d,
    Multiply: multiply,
    ReLU: relu,
    Rescaling: rescaling,
    Reshape: reshape,
    SeparableConv2D: separableConv2d,
    Softmax: softmax,
    SpatialDropout2D: passOn,
    ZeroPadding2D: zeroPadding2d,
  }),
);
