import { digestOf, RookeryError } from '@rookery/contracts';
import { unzipSync } from 'fflate';
import { type Imported, importGraph } from '../import/import-graph.ts';
import type { ImportOptions } from '../import/import-options.ts';
import { kerasToOnnx } from '../tfjs/layers-to-onnx.ts';
import type { Weight } from '../tfjs/weights.ts';
import { asKeras2, isKeras3 } from './as-keras-2.ts';
import { Hdf5 } from './hdf5.ts';
import { weightsOfArchive } from './weights-of-archive.ts';
import { weightsOfH5 } from './weights-of-h5.ts';

const invalid = (detail: string, cause?: unknown): RookeryError => new RookeryError('MODEL_INVALID', { detail, cause });

/** A whole model of Keras 2 or 3 in one HDF5 file (`.h5`, `.hdf5`). @throws {RookeryError} as `importModel` */
export async function importKerasH5(bytes: Uint8Array, options: ImportOptions): Promise<Imported> {
  using file = await Hdf5.open(bytes);
  const config = file.text('', 'model_config');
  if (config === undefined)
    throw invalid(`${options.source} holds weights only: save the whole model, \`model.save()\``);
  const topology = json(config, 'model_config');
  const version = file.text('', 'keras_version') ?? '2';
  return imported(asKeras2(topology, isKeras3(version)), weightsOfH5(file, topology), bytes, options);
}

const configFile = 'config.json';
const weightsFile = 'model.weights.h5';
const metadataFile = 'metadata.json';
/** Of one file: what a buffer can hold. */
const maxBytes = 2 ** 31 - 1;

/** A `.keras` archive of Keras 2.12 and later. @throws {RookeryError} as `importModel` */
export async function importKerasArchive(bytes: Uint8Array, options: ImportOptions): Promise<Imported> {
  const files = unzipped(bytes, options.source);
  const [config, weights, metadata] = [files[configFile], files[weightsFile], files[metadataFile]];
  if (!config || !weights)
    throw new RookeryError('FORMAT_NOT_YET_IMPORTED', {
      detail: `${options.source} is a ZIP file and no Keras archive; export a PyTorch model as ONNX`,
    });
  const topology = json(Buffer.from(config).toString('utf8'), configFile);
  const said = metadata ? json(Buffer.from(metadata).toString('utf8'), metadataFile) : {};
  using file = await Hdf5.open(weights);
  return imported(asKeras2(topology, isKeras3(versionIn(said))), weightsOfArchive(file, topology), bytes, options);
}

function unzipped(bytes: Uint8Array, source: string): Record<string, Uint8Array> {
  const wanted = [configFile, weightsFile, metadataFile];
  try {
    return unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!wanted.includes(name)) return false;
        if (originalSize > maxBytes) throw invalid(`${source}: ${name} has ${originalSize} bytes`);
        return true;
      },
    });
  } catch (thrown) {
    throw thrown instanceof RookeryError ? thrown : invalid(`${source}: the ZIP file is damaged`, thrown);
  }
}

function imported(
  topology: unknown,
  weights: ReadonlyMap<string, Weight>,
  bytes: Uint8Array,
  options: ImportOptions,
): Promise<Imported> {
  if (options.layout === 'nchw') throw new RookeryError('USAGE', { detail: 'Keras models take nhwc' });
  const { width, height } = options;
  const graph = kerasToOnnx(topology, weights, {
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
  });
  return importGraph(
    graph,
    { ...options, layout: 'nhwc' },
    { importer: '@rookery/optimizer keras', sourceDigest: digestOf(bytes) },
  );
}

function json(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(`${where} is not JSON`, cause);
  }
}

const versionIn = (metadata: unknown): string =>
  typeof metadata === 'object' && metadata !== null && 'keras_version' in metadata
    ? String(metadata.keras_version)
    : '3';
