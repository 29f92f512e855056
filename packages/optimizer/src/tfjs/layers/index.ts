import type { LayerConverter } from '../layer-context.ts';
import { activation, elu, leakyRelu, normalization, passOn, prelu, relu, rescaling, softmax } from './activations.ts';
import { conv2d, depthwiseConv2d, separableConv2d } from './convolutions.ts';
import { dense } from './dense.ts';
import { add, average, concatenate, maximum, minimum, multiply, subtract } from './merging.ts';
import { batchNormalization, layerNormalization, layerScale } from './normalisation.ts';
import { getItem, stack } from './parts.ts';
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from './pooling.ts';
import { cropping2d, flatten, reshape, upSampling2d, zeroPadding2d } from './shapes.ts';

/** What is different in training only: a picture that is labelled passes as it is. */
const trainingOnly = [
  'ActivityRegularization',
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'RandomBrightness',
  'RandomColorDegeneration',
  'RandomColorJitter',
  'RandomContrast',
  'RandomErasing',
  'RandomFlip',
  'RandomGaussianBlur',
  'RandomGrayscale',
  'RandomHue',
  'RandomPerspective',
  'RandomPosterization',
  'RandomRotation',
  'RandomSaturation',
  'RandomSharpness',
  'RandomShear',
  'RandomTranslation',
  'RandomZoom',
  'SpatialDropout2D',
  'StochasticDepth',
];

/** By Keras' class names: what convolutional classifiers and their heads are made of. */
export const layerConverters: ReadonlyMap<string, LayerConverter> = new Map(
  Object.entries({
    ...Object.fromEntries(trainingOnly.map((name) => [name, passOn])),
    Activation: activation,
    Add: add,
    Average: average,
    AveragePooling2D: averagePooling2d,
    BatchNormalization: batchNormalization,
    Concatenate: concatenate,
    Conv2D: conv2d,
    Cropping2D: cropping2d,
    Dense: dense,
    DepthwiseConv2D: depthwiseConv2d,
    ELU: elu,
    Flatten: flatten,
    GetItem: getItem,
    GlobalAveragePooling2D: globalAveragePooling2d,
    GlobalMaxPooling2D: globalMaxPooling2d,
    LayerNormalization: layerNormalization,
    LayerScale: layerScale,
    LeakyReLU: leakyRelu,
    Maximum: maximum,
    MaxPooling2D: maxPooling2d,
    Minimum: minimum,
    Multiply: multiply,
    Normalization: normalization,
    PReLU: prelu,
    ReLU: relu,
    Rescaling: rescaling,
    Reshape: reshape,
    SeparableConv2D: separableConv2d,
    Softmax: softmax,
    Stack: stack,
    Subtract: subtract,
    UpSampling2D: upSampling2d,
    ZeroPadding2D: zeroPadding2d,
  }),
);
