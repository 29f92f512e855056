/**
 * The messages of ONNX's file format (onnx/onnx.proto, Apache-2.0, IR versions 3 to 14), as far as graph surgery reads them; fields
 * that are not named here are kept as unknown fields and written back. Bulk data (`floatData` and its like) is declared as the bytes
 * of its packed encoding, so that a tensor costs the bytes it has, and enumerations as numbers, so that unknown members survive.
 */
export const onnxSchema = `
syntax = "proto2";
package onnx;
message StringPair { optional string key = 1; optional string value = 2; }
message Attribute {
  optional string name = 1; optional string refAttrName = 21; optional int32 type = 20;
  optional float f = 2; optional int64 i = 3; optional bytes s = 4; optional Tensor t = 5; optional Graph g = 6;
  repeated float floats = 7; repeated int64 ints = 8; repeated bytes strings = 9; repeated Tensor tensors = 10; repeated Graph graphs = 11;
}
message ValueInfo { optional string name = 1; optional Type type = 2; optional string docString = 3; }
message Node {
  repeated string input = 1; repeated string output = 2; optional string name = 3; optional string opType = 4;
  repeated Attribute attribute = 5; optional string docString = 6; optional string domain = 7; optional string overload = 8;
}
message Model {
  optional int64 irVersion = 1; optional string producerName = 2; optional string producerVersion = 3; optional string domain = 4;
  optional int64 modelVersion = 5; optional string docString = 6; optional Graph graph = 7; repeated OperatorSet opsetImport = 8;
  repeated StringPair metadataProps = 14; repeated Function functions = 25;
}
message Function { optional string name = 1; optional string domain = 10; repeated Node node = 7; }
message OperatorSet { optional string domain = 1; optional int64 version = 2; }
message Graph {
  repeated Node node = 1; optional string name = 2; repeated Tensor initializer = 5; optional string docString = 10;
  repeated ValueInfo input = 11; repeated ValueInfo output = 12; repeated ValueInfo valueInfo = 13; repeated SparseTensor sparseInitializer = 15;
}
message SparseTensor { optional Tensor values = 1; optional Tensor indices = 2; repeated int64 dims = 3; }
message Tensor {
  repeated int64 dims = 1; optional int32 dataType = 2; repeated bytes floatData = 4; repeated bytes int32Data = 5; repeated bytes stringData = 6;
  repeated bytes int64Data = 7; optional string name = 8; optional bytes rawData = 9; repeated bytes doubleData = 10; repeated bytes uint64Data = 11;
  optional string docString = 12; repeated StringPair externalData = 13; optional int32 dataLocation = 14;
}
message Shape {
  message Dimension { oneof value { int64 dimValue = 1; string dimParam = 2; } optional string denotation = 3; }
  repeated Dimension dim = 1;
}
message Type {
  message TensorType { optional int32 elemType = 1; optional Shape shape = 2; }
  optional TensorType tensorType = 1; optional string denotation = 6;
}
`;
