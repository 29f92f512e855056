/** ONNX's element types that classifiers use (`TensorProto.DataType`). */
export const DataType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;
export type DataTypeName = keyof typeof DataType;

const names = new Map<number, DataTypeName>(Object.entries(DataType).map(([name, id]) => [id, name as DataTypeName]));

export const dataTypeName = (id: number): DataTypeName | undefined => names.get(id);

/** Bytes of one element; `undefined` for strings and for types smaller than a byte. */
export const elementBytes = (id: number): number | undefined => {
  switch (id) {
    case DataType.uint8:
    case DataType.int8:
    case DataType.bool:
      return 1;
    case DataType.uint16:
    case DataType.int16:
    case DataType.float16:
    case DataType.bfloat16:
      return 2;
    case DataType.float32:
    case DataType.int32:
    case DataType.uint32:
      return 4;
    case DataType.int64:
    case DataType.uint64:
    case DataType.float64:
      return 8;
    default:
      return undefined;
  }
};
