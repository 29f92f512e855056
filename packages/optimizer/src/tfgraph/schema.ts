/**
 * TensorFlow's messages (tensorflow/core/framework and protobuf, Apache-2.0) as far as classifiers need them: GraphDef with its function
 * library, SavedModel with its signatures, and what a checkpoint's index holds. Names are those of the JSON form, which TensorFlow.js
 * keeps its graphs in. What is not named here is skipped.
 */
export const tensorflowSchema = `
syntax = "proto3";
package tensorflow;
enum DataType {
  DT_INVALID = 0; DT_FLOAT = 1; DT_DOUBLE = 2; DT_INT32 = 3; DT_UINT8 = 4; DT_INT16 = 5; DT_INT8 = 6; DT_STRING = 7; DT_COMPLEX64 = 8;
  DT_INT64 = 9; DT_BOOL = 10; DT_QINT8 = 11; DT_QUINT8 = 12; DT_QINT32 = 13; DT_BFLOAT16 = 14; DT_QINT16 = 15; DT_QUINT16 = 16;
  DT_UINT16 = 17; DT_COMPLEX128 = 18; DT_HALF = 19; DT_RESOURCE = 20; DT_VARIANT = 21; DT_UINT32 = 22; DT_UINT64 = 23;
}
message TensorShape { message Dim { int64 size = 1; string name = 2; } repeated Dim dim = 2; bool unknownRank = 3; }
message Tensor {
  DataType dtype = 1; TensorShape tensorShape = 2; bytes tensorContent = 4; repeated float floatVal = 5; repeated double doubleVal = 6;
  repeated int32 intVal = 7; repeated bytes stringVal = 8; repeated int64 int64Val = 10; repeated bool boolVal = 11; repeated int32 halfVal = 13;
}
message NameAttrList { string name = 1; map<string, AttrValue> attr = 2; }
message AttrValue {
  message ListValue {
    repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated DataType type = 6;
    repeated TensorShape shape = 7; repeated Tensor tensor = 8; repeated NameAttrList func = 9;
  }
  oneof value {
    bytes s = 2; int64 i = 3; float f = 4; bool b = 5; DataType type = 6; TensorShape shape = 7; Tensor tensor = 8; ListValue list = 1;
    NameAttrList func = 10; string placeholder = 9;
  }
}
message NodeDef { string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, AttrValue> attr = 5; }
message ArgDef { string name = 1; DataType type = 3; }
message OpDef { string name = 1; repeated ArgDef inputArg = 2; repeated ArgDef outputArg = 3; }
message FunctionDef { OpDef signature = 1; repeated NodeDef nodeDef = 3; map<string, string> ret = 4; }
message FunctionDefLibrary { repeated FunctionDef function = 1; }
message VersionDef { int32 producer = 1; int32 minConsumer = 2; }
message GraphDef { repeated NodeDef node = 1; FunctionDefLibrary library = 2; VersionDef versions = 4; }
message TensorInfo { string name = 1; DataType dtype = 2; TensorShape tensorShape = 3; }
message SignatureDef { map<string, TensorInfo> inputs = 1; map<string, TensorInfo> outputs = 2; string methodName = 3; }
message MetaInfoDef { repeated string tags = 4; string tensorflowVersion = 5; }
message MetaGraphDef { MetaInfoDef metaInfoDef = 1; GraphDef graphDef = 2; map<string, SignatureDef> signatureDef = 5; }
message SavedModel { int64 savedModelSchemaVersion = 1; repeated MetaGraphDef metaGraphs = 2; }
message BundleHeader { int32 numShards = 1; int32 endianness = 2; }
message BundleEntry { DataType dtype = 1; TensorShape shape = 2; int32 shardId = 3; int64 offset = 4; int64 size = 5; fixed32 crc32c = 6; repeated TensorSlice slices = 7; }
message TensorSlice { }
`;
