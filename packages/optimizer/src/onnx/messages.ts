/**
 * ONNX's messages as the codec gives them. Decoded messages have every repeated field (empty where the file has none; those are shared
 * and frozen: assign a new array, never push), messages made here may leave out what is optional.
 */

/** 64-bit integers: decoded as a pair of halves, written from a number too. Read them with `toNumber`. */
export type Int64 = number | { readonly low: number; readonly high: number; readonly unsigned: boolean };

export interface StringPair {
  key: string;
  value: string;
}

export interface TensorMessage {
  dims: Int64[];
  dataType: number;
  name: string;
  rawData?: Uint8Array;
  floatData?: Uint8Array[];
  int32Data?: Uint8Array[];
  int64Data?: Uint8Array[];
  doubleData?: Uint8Array[];
  uint64Data?: Uint8Array[];
  stringData?: Uint8Array[];
  externalData?: StringPair[];
  dataLocation?: number;
}

export interface AttributeMessage {
  name: string;
  type: number;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: TensorMessage | null;
  g?: GraphMessage | null;
  floats?: number[];
  ints?: Int64[];
  strings?: Uint8Array[];
  tensors?: TensorMessage[];
  graphs?: GraphMessage[];
}

export interface NodeMessage {
  input: string[];
  output: string[];
  name?: string;
  opType: string;
  domain?: string;
  attribute: AttributeMessage[];
}

export interface DimensionMessage {
  dimValue?: Int64;
  dimParam?: string;
  denotation?: string;
}

export interface ValueInfoMessage {
  name: string;
  type?: {
    tensorType?: { elemType: number; shape?: { dim: DimensionMessage[] } | null } | null;
    denotation?: string;
  } | null;
}

export interface GraphMessage {
  name: string;
  node: NodeMessage[];
  initializer: TensorMessage[];
  input: ValueInfoMessage[];
  output: ValueInfoMessage[];
  valueInfo: ValueInfoMessage[];
  sparseInitializer?: { values?: TensorMessage | null }[];
}

export interface ModelMessage {
  irVersion: Int64;
  producerName?: string;
  producerVersion?: string;
  opsetImport: { domain?: string; version: Int64 }[];
  graph: GraphMessage;
  metadataProps?: StringPair[];
  functions?: { name: string; domain?: string; node: NodeMessage[] }[];
}
