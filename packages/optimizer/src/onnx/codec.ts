import { asRookeryError, RookeryError } from '@rookery/contracts';
import protobuf from 'protobufjs';
import { encodeAround, joined, type Pieces } from './bytes-once.ts';
import { type ReadBeside, refuseExternalData, takeExternalData } from './external-data.ts';
import type { ModelMessage } from './messages.ts';
import { onnxSchema } from './schema.ts';

/** Fields and packed elements that a file may have. The largest classifiers have about a tenth; each costs at most some 200 bytes. */
const maxFields = 1_000_000;
/** Protocol buffers end here. */
const maxFileBytes = 2 ** 31 - 1;

/** Counts what it reads, so that a small file cannot become a large heap. */
class CountingReader extends protobuf.Reader {
  #left = maxFields;

  #spend(fields: number): void {
    this.#left -= fields;
    if (this.#left < 0) throw invalid(`it has more than ${maxFields} fields`);
  }

  override tag(): number {
    this.#spend(1);
    return super.tag();
  }

  /** Also each element of a packed run, which costs ten times its one byte. */
  override int64(): ReturnType<protobuf.Reader['int64']> {
    this.#spend(1);
    return super.int64();
  }
}

const invalid = (detail: string, cause?: unknown): RookeryError => new RookeryError('MODEL_INVALID', { detail, cause });

let modelType: protobuf.Type | undefined;
/** Compiled when it is first needed: 20 ms that other commands do not pay. */
const type = (): protobuf.Type => {
  modelType ??= protobuf.parse(onnxSchema, { keepCase: true }).root.lookupType('onnx.Model');
  return modelType;
};

/**
 * Reads an ONNX file. Tensor data stays views of `bytes`; fields that the schema does not know are kept.
 * @throws {RookeryError} MODEL_INVALID where the bytes are not an ONNX model or keep weights in other files.
 */
export function decodeModel(bytes: Uint8Array): ModelMessage {
  const model = decodeModelFile(bytes);
  refuseExternalData(model);
  return model;
}

/** The same, with weights that lie in other files. @throws {RookeryError} MODEL_INVALID, and what `read` throws. */
export async function decodeModelWith(bytes: Uint8Array, read: ReadBeside): Promise<ModelMessage> {
  const model = decodeModelFile(bytes);
  await takeExternalData(model, read);
  return model;
}

/** What is in the file itself: weights may be in others. @throws {RookeryError} MODEL_INVALID */
export function decodeModelFile(bytes: Uint8Array): ModelMessage {
  if (bytes.byteLength > maxFileBytes) throw invalid(`${bytes.byteLength} bytes are more than an ONNX file can have`);
  let model: ModelMessage;
  try {
    const reader = new CountingReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    reader.discardUnknown = false;
    model = type().decode(reader) as unknown as ModelMessage;
  } catch (cause) {
    if (cause instanceof RookeryError) throw cause;
    throw invalid(`not an ONNX file, or a damaged one (${asRookeryError(cause).detail})`, cause);
  }
  if (!model.graph) throw invalid('it has no graph');
  if (model.opsetImport.length === 0) throw invalid('it names no operator set');
  return model;
}

/** The file's bytes; the same model gives the same bytes. @throws {RookeryError} MODEL_INVALID where they are more than a file can have. */
export function encodeModel(model: ModelMessage): Uint8Array {
  const [graphType, tensorType] = ['onnx.Graph', 'onnx.Tensor'].map((name) => type().root.lookupType(name));
  if (!graphType || !tensorType) throw new RookeryError('INTERNAL', { detail: 'the schema of ONNX' });
  const tensors = model.graph.initializer.map(
    (each): Pieces =>
      each.rawData && Object.hasOwn(each, 'rawData')
        ? encodeAround(tensorType, each, 'rawData', [[each.rawData]])
        : [tensorType.encode(each).finish()],
  );
  const pieces = encodeAround(type(), model, 'graph', [encodeAround(graphType, model.graph, 'initializer', tensors)]);
  const size = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (size > maxFileBytes) throw invalid(`${size} bytes are more than an ONNX file can have`);
  return joined(pieces);
}
