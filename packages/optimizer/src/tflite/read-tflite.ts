import { RookeryError } from '@rookery/contracts';
import { FlatBuffer, type FlatTable } from './flatbuffer.ts';
import { operatorName } from './operator-names.ts';
import { readNormalisation } from './read-metadata.ts';
import {
  elementTypes,
  type Quantisation,
  type TfliteModel,
  type TfliteOperator,
  type TfliteTensor,
} from './tflite-model.ts';

const invalid = (detail: string): RookeryError => new RookeryError('MODEL_INVALID', { detail });

const schemaVersion = 3;
const customOperator = 32;

/**
 * Reads a TFLite file (tensorflow/lite/schema/schema.fbs; the numbers are those of its fields). Constants stay views of `bytes`. Of
 * several subgraphs the first is the model.
 * @throws {RookeryError} MODEL_INVALID where it is damaged.
 */
export function readTflite(bytes: Uint8Array): TfliteModel {
  const model = new FlatBuffer(bytes).root();
  const version = model.uint32(0);
  if (version !== schemaVersion) throw invalid(`version ${version} of TFLite's format; ${schemaVersion} can be read`);
  const buffers = model.tables(4);
  const [graph] = model.tables(2);
  if (!graph) throw invalid('it has no graph');
  const operators = model.tables(1).map(nameOfOperator);
  const tensors = graph
    .tables(0)
    .map((table, index) => readTensor(table, index, (n) => constantBytes(buffers[n], bytes)));
  const known = (indices: readonly number[]): readonly number[] => {
    const wrong = indices.find((index) => index < -1 || index >= tensors.length);
    if (wrong !== undefined) throw invalid(`there is no tensor ${wrong}`);
    return indices;
  };
  const normalisation = readNormalisation(model, (n) => constantBytes(buffers[n], bytes));
  return {
    tensors,
    operators: graph.tables(3).map((table, index): TfliteOperator => {
      const name = operators[table.uint32(0)];
      if (name === undefined) throw invalid(`operator ${index} has a code that the file does not list`);
      return { index, name, inputs: known(table.int32s(1)), outputs: known(table.int32s(2)), options: table.table(4) };
    }),
    inputs: known(graph.int32s(1)),
    outputs: known(graph.int32s(2)),
    ...(normalisation && { normalisation }),
  };
}

/** Codes past 127 stand in a field of their own. */
function nameOfOperator(code: FlatTable): string {
  const builtin = Math.max(code.uint8(0), code.int32(3));
  return builtin === customOperator ? `custom ${JSON.stringify(code.text(1))}` : operatorName(builtin);
}

function readTensor(
  table: FlatTable,
  index: number,
  constant: (buffer: number) => Uint8Array | undefined,
): TfliteTensor {
  const name = table.text(3);
  const code = table.uint8(1);
  const type = elementTypes[code];
  if (!type) throw invalid(`tensor ${JSON.stringify(name)} has the unknown type ${code}`);
  const shape = table.int32s(0);
  const signature = table.int32s(7);
  if (shape.some((size) => size < 0)) throw invalid(`tensor ${JSON.stringify(name)} has the shape [${shape}]`);
  const quantisation = readQuantisation(table.table(4), name);
  const isVariable = table.uint8(5) !== 0;
  const bytes = isVariable ? undefined : constant(table.uint32(2));
  if (bytes && table.table(6))
    throw new RookeryError('MODEL_OPERATOR_UNSUPPORTED', { detail: `tensor ${JSON.stringify(name)}: sparse weights` });
  return {
    index,
    name,
    shape,
    signature: signature.length === shape.length ? signature : shape,
    type,
    ...(quantisation && { quantisation }),
    ...(bytes && { bytes }),
  };
}

function readQuantisation(table: FlatTable | undefined, name: string): Quantisation | undefined {
  const scale = table?.float32s(2) ?? [];
  if (!table || scale.length === 0) return undefined;
  const zeroPoint = table.int64s(3);
  const zeros = zeroPoint.length === 0 ? scale.map(() => 0) : zeroPoint;
  const off = `tensor ${JSON.stringify(name)} has ${scale.length} scales and ${zeros.length} zero points`;
  if (zeros.length !== scale.length && zeros.length !== 1) throw invalid(off);
  if (scale.some((value) => !(value >= 0 && Number.isFinite(value)))) throw invalid(`${off}, one of them no number`);
  // Constants of nothing but zeros may have a scale of 0.
  return {
    scale: scale.map((value) => value || 1),
    zeroPoint: scale.map((_, n) => zeros[zeros.length === 1 ? 0 : n] ?? 0),
    axis: table.int32(6),
  };
}

/** A buffer's bytes, in the flatbuffer or, in files of over 2 GB, behind it. */
function constantBytes(buffer: FlatTable | undefined, file: Uint8Array): Uint8Array | undefined {
  if (!buffer) return undefined;
  const inside = buffer.bytes(0);
  if (inside.byteLength > 0) return inside;
  const [offset, size] = [buffer.uint64(1), buffer.uint64(2)];
  if (offset <= 1 || size === 0) return undefined;
  if (offset + size > file.byteLength) throw invalid(`a buffer of ${size} bytes at ${offset} is past the end`);
  return file.subarray(offset, offset + size);
}
