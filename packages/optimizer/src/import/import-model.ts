import { digestOf, RookeryError } from '@rookery/contracts';
import { importKerasArchive, importKerasH5 } from '../keras/import-keras.ts';
import { decodeModel, decodeModelWith } from '../onnx/codec.ts';
import type { ReadBeside } from '../onnx/external-data.ts';
import { toNumber } from '../onnx/int64.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { sniffFormat } from '../sniff-format.ts';
import { importFrozenGraph } from '../tfgraph/import-tensorflow.ts';
import { importTflite } from '../tflite/import-tflite.ts';
import { dropClassMaps } from './class-maps.ts';
import { type Imported, importGraph } from './import-graph.ts';
import type { ImportOptions } from './import-options.ts';

/** Operator sets that ONNX Runtime runs and whose operators the passes know. */
const oldestOpset = 7;
/** Before this, constants had to be inputs too. */
const oldestIrVersion = 4;

/**
 * Turns an ONNX, TFLite, Keras or frozen TensorFlow file into a version that can be served: input `images` `[batch, height, width, 3]`, output probabilities. What
 * the file does not say is taken from the options, or guessed and noted. The same bytes and options give the same files.
 * @param readBeside gives weights that an ONNX file keeps in others; without it such a file is refused.
 * @throws {RookeryError} MODEL_INVALID with what is wrong or has to be said; MODEL_OPERATOR_UNSUPPORTED; LABELS_INVALID;
 * FORMAT_NOT_YET_IMPORTED.
 */
export async function importModel(
  bytes: Uint8Array,
  options: ImportOptions,
  readBeside?: ReadBeside,
): Promise<Imported> {
  const format = sniffFormat(bytes);
  const { source } = options;
  switch (format) {
    case 'onnx': {
      const model = readBeside ? await decodeModelWith(bytes, readBeside) : decodeModel(bytes);
      checkVersion(model);
      dropClassMaps(model);
      return importGraph(model, options, { importer: '@rookery/optimizer onnx', sourceDigest: digestOf(bytes) });
    }
    case 'tflite':
      return importTflite(bytes, options);
    case 'tensorflow-graph':
      return importFrozenGraph(bytes, options);
    case 'keras-h5':
      return importKerasH5(bytes, options);
    case 'zip':
      return importKerasArchive(bytes, options);
    case 'unknown':
      throw new RookeryError('MODEL_INVALID', {
        detail: `${source} is no ONNX, TFLite, Keras or frozen TensorFlow file`,
      });
    default:
      throw new RookeryError('FORMAT_NOT_YET_IMPORTED', {
        detail: `${source} is ${format}; export it as ONNX or TFLite`,
      });
  }
}

function checkVersion(model: ModelMessage): void {
  const opset = model.opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx');
  const version = opset ? toNumber(opset.version) : undefined;
  if (version !== undefined && version < oldestOpset) {
    throw new RookeryError('MODEL_INVALID', {
      detail: `operator set ${version}; ${oldestOpset} and later can be served`,
    });
  }
  model.irVersion = Math.max(oldestIrVersion, toNumber(model.irVersion));
}
