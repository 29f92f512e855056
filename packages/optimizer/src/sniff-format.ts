/** What a model file is, by its first bytes. */
export type ModelFormat = 'onnx' | 'tflite' | 'tensorflow-graph' | 'keras-h5' | 'zip' | 'json' | 'unknown';

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', at, at + text.length) === text;

/**
 * Recognises model files by their signatures: TFLite's identifier, HDF5's and ZIP's magic numbers (Keras archives and PyTorch files are
 * ZIPs), JSON (TensorFlow.js topologies), frozen TensorFlow graphs and ONNX by how protocol buffers begin: field 1 (IR version, a varint) or another field of
 * ModelProto; GraphDef begins with a node.
 */
export function sniffFormat(bytes: Uint8Array): ModelFormat {
  if (startsWith(bytes, 4, 'TFL3')) return 'tflite';
  if (startsWith(bytes, 0, '\x89HDF\r\n\x1a\n')) return 'keras-h5';
  if (startsWith(bytes, 0, 'PK\x03\x04')) return 'zip';
  if (/^\s*\{\s*"/.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'))) return 'json';
  const [tag = 0] = bytes;
  // GraphDef's first field is a node, which has a length; ONNX has a varint there.
  if (tag === 0x0a && bytes.byteLength >= 16) return 'tensorflow-graph';
  // Fields 1 and 5 are varints, 2, 3, 4, 6, 7, 8 and 14 have a length.
  return bytes.byteLength >= 16 && [0x08, 0x28, 0x12, 0x1a, 0x22, 0x32, 0x3a, 0x42, 0x72].includes(tag)
    ? 'onnx'
    : 'unknown';
}
