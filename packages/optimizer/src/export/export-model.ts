import { RookeryError } from '@rookery/contracts';
import { decodeModel } from '../onnx/codec.ts';
import { toChannelsLast } from './channels-last/to-channels-last.ts';
import type { ExportFormat, ExportSource } from './export-format.ts';
import { writeOnnx } from './onnx/write-onnx.ts';
import { writeSavedModel } from './savedmodel/write-saved-model.ts';
import { writeGraphModel } from './tfjs/write-graph-model.ts';
import { writeTflite } from './tflite/write-tflite.ts';

/**
 * Writes a serving graph in another format: its files by their names. The input is that of the serving graph, RGB from 0 to 255, so that
 * nobody has to know what the network was trained on.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED with the node, its operator and the variant; MODEL_INVALID.
 */
export function exportModel(source: ExportSource, format: ExportFormat): ReadonlyMap<string, Uint8Array> {
  try {
    return write(source, format);
  } catch (cause) {
    if (!(cause instanceof RookeryError)) throw cause;
    throw new RookeryError(cause.code, {
      detail: `the variant ${source.variant} cannot be written as ${format}: ${cause.detail ?? cause.message}`,
      cause,
    });
  }
}

function write(source: ExportSource, format: ExportFormat): ReadonlyMap<string, Uint8Array> {
  if (format === 'onnx') return new Map([['model.onnx', writeOnnx(source)]]);
  const graph = toChannelsLast(decodeModel(source.graph));
  switch (format) {
    case 'savedmodel':
      return writeSavedModel(graph);
    case 'tfjs':
      return writeGraphModel(graph);
    case 'tflite':
      return new Map([['model.tflite', writeTflite(graph)]]);
  }
}
