import type { Int64 } from '../onnx/messages.ts';

/** TensorFlow's messages as the codec gives them; data types are numbers (`DataType` of types.proto). */
export interface ShapeMessage {
  dim?: { size?: Int64; name?: string }[];
  unknownRank?: boolean;
}

export interface TfTensorMessage {
  dtype?: number;
  tensorShape?: ShapeMessage | null;
  tensorContent?: Uint8Array;
  floatVal?: number[];
  doubleVal?: number[];
  intVal?: number[];
  stringVal?: Uint8Array[];
  int64Val?: Int64[];
  boolVal?: boolean[];
  halfVal?: number[];
}

export interface AttrMessage {
  s?: Uint8Array;
  i?: Int64;
  f?: number;
  b?: boolean;
  type?: number;
  shape?: ShapeMessage | null;
  tensor?: TfTensorMessage | null;
  list?: { s?: Uint8Array[]; i?: Int64[]; f?: number[]; type?: number[] } | null;
  func?: { name: string } | null;
}

export interface TfNode {
  name: string;
  op: string;
  input: string[];
  attr: Record<string, AttrMessage>;
}

export interface FunctionMessage {
  signature?: { name: string; inputArg?: { name: string }[]; outputArg?: { name: string }[] } | null;
  nodeDef: TfNode[];
  ret: Record<string, string>;
}

export interface GraphDefMessage {
  node: TfNode[];
  library?: { function?: FunctionMessage[] } | null;
  versions?: { producer?: number; minConsumer?: number } | null;
}

export interface TensorInfoMessage {
  name: string;
  dtype?: number;
  tensorShape?: ShapeMessage | null;
}

export interface SignatureMessage {
  inputs: Record<string, TensorInfoMessage>;
  outputs: Record<string, TensorInfoMessage>;
  methodName?: string;
}

export interface SavedModelMessage {
  savedModelSchemaVersion?: Int64;
  metaGraphs: {
    metaInfoDef?: { tags?: string[]; tensorflowVersion?: string } | null;
    graphDef?: GraphDefMessage | null;
    signatureDef?: Record<string, SignatureMessage>;
  }[];
}

export interface BundleEntryMessage {
  dtype?: number;
  shape?: ShapeMessage | null;
  shardId?: number;
  offset?: Int64;
  size?: Int64;
  crc32c?: number;
  slices?: unknown[];
}

/** `DataType` of types.proto, as far as it is used here. */
export const TfType = {
  float: 1,
  double: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  half: 19,
  resource: 20,
} as const;
