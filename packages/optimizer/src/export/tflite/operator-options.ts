/** What a format says of an operator beside its code: its options' number in the union, and the version that knows bytes. */
interface OperatorKind {
  /** `BuiltinOptions` of schema.fbs; 0 for none. */
  readonly options: number;
  /** The first version that takes int8; 1 where none was needed. */
  readonly int8?: number;
}

/** By name, as schema.fbs (tensorflow/lite, Apache-2.0) numbers them. */
export const operatorKinds: Readonly<Record<string, OperatorKind>> = {
  ADD: { options: 11, int8: 2 },
  AVERAGE_POOL_2D: { options: 5, int8: 2 },
  CONCATENATION: { options: 10, int8: 2 },
  CONV_2D: { options: 1, int8: 3 },
  DEPTHWISE_CONV_2D: { options: 2, int8: 3 },
  DEPTH_TO_SPACE: { options: 94 },
  DEQUANTIZE: { options: 38, int8: 2 },
  DIV: { options: 29 },
  EXPAND_DIMS: { options: 52 },
  FULLY_CONNECTED: { options: 8, int8: 4 },
  GATHER: { options: 23, int8: 2 },
  GELU: { options: 116 },
  LEAKY_RELU: { options: 75 },
  LOCAL_RESPONSE_NORMALIZATION: { options: 13 },
  LOG_SOFTMAX: { options: 36 },
  MAXIMUM: { options: 39 },
  MAX_POOL_2D: { options: 5, int8: 2 },
  MEAN: { options: 27, int8: 2 },
  MINIMUM: { options: 39 },
  MIRROR_PAD: { options: 77 },
  MUL: { options: 21, int8: 2 },
  PACK: { options: 59 },
  PAD: { options: 22, int8: 2 },
  PADV2: { options: 43 },
  QUANTIZE: { options: 89, int8: 1 },
  REDUCE_MAX: { options: 27 },
  REDUCE_MIN: { options: 27 },
  RESHAPE: { options: 17 },
  RFFT2D: { options: 105 },
  SHAPE: { options: 55 },
  SLICE: { options: 48, int8: 2 },
  SOFTMAX: { options: 9 },
  SPACE_TO_DEPTH: { options: 19 },
  SPLIT: { options: 35 },
  SQUARED_DIFFERENCE: { options: 76 },
  SQUEEZE: { options: 30 },
  STRIDED_SLICE: { options: 32 },
  SUB: { options: 28, int8: 2 },
  SUM: { options: 27 },
  TRANSPOSE: { options: 26, int8: 2 },
};
