import { RookeryError } from '@rookery/contracts';
import { scoresOf } from '../compare/scores.ts';
import { importFolder } from '../import/import-folder.ts';
import type { Imported } from '../import/import-graph.ts';
import { importModel } from '../import/import-model.ts';
import type { ImportOptions } from '../import/import-options.ts';
import { decodeModel } from '../onnx/codec.ts';
import { DataType } from '../onnx/data-types.ts';
import type { GraphMessage } from '../onnx/messages.ts';
import { randomPictures } from '../random-pictures.ts';
import type { Sample } from '../sample.ts';
import type { ReadFile } from '../tfgraph/checkpoint.ts';
import { type ExportFormat, type ExportSource, mainFiles } from './export-format.ts';

export interface ExportProof {
  /** Largest difference of a score. */
  readonly difference: number;
  /** How large it may be. */
  readonly tolerance: number;
  readonly pictures: number;
}

const pictures = 8;
/** Floats only change the order of their sums; halves, which only ONNX computes with, and integers round. */
const tolerances = { float: 1e-4, half: 5e-3, integer: 0.05 };

/**
 * Imports an exported model as any other, and compares its scores with those of the graph that it was made of.
 * @throws {RookeryError} MODEL_INVALID where they differ by more than the tolerance.
 */
export async function proveExport(
  source: ExportSource,
  format: ExportFormat,
  read: ReadFile,
  signal?: AbortSignal,
): Promise<ExportProof> {
  const { input } = source.manifest.signature;
  const { graph: own } = decodeModel(source.graph);
  const isInteger = own.node.some(({ opType }) => opType === 'QuantizeLinear');
  const imported = await importAgain(source, format, read, isInteger);
  signal?.throwIfAborted();
  const sample = sampleOf(source, input.type);
  const config = source.sessionConfig ?? {};
  const expected = await scoresOf(source.graph, sample, { config, signal });
  const { variants, defaultVariant } = imported.draft.manifest;
  const graph = imported.draft.files.get(variants[defaultVariant]?.path ?? '') ?? new Uint8Array();
  const found = await scoresOf(graph, sample, { config: format === 'onnx' ? config : {}, signal });
  const difference = largestDifference(expected.values, found.values);
  const tolerance = tolerances[isInteger ? 'integer' : computesInHalves(own) ? 'half' : 'float'];
  if (!(difference <= tolerance))
    throw new RookeryError('MODEL_INVALID', {
      detail: `${source.variant} as ${format} gives other scores than the model itself, by ${difference.toExponential(1)}`,
    });
  return { difference, tolerance, pictures };
}

/** Not where halves are only stored, and made float32 when the graph is loaded. */
function computesInHalves({ node, initializer }: GraphMessage): boolean {
  const halves = new Set(initializer.flatMap(({ name, dataType }) => (dataType === DataType.float16 ? [name] : [])));
  return node.some(({ opType, input }) => opType !== 'Cast' && input.some((name) => halves.has(name)));
}

async function importAgain(
  { manifest, labels }: ExportSource,
  format: ExportFormat,
  read: ReadFile,
  isInteger: boolean,
): Promise<Imported> {
  const isFloat = manifest.signature.input.type === 'float32';
  // Bytes say themselves what they are.
  const range = format !== 'tflite' || isFloat ? ({ range: '0..255' } as const) : {};
  const options: ImportOptions = {
    labels,
    source: mainFiles[format],
    layout: 'nhwc',
    channels: 'rgb',
    activation: 'none',
    resize: 'stretch',
    // The one whose pictures are real numbers.
    kernel: isFloat ? 'bilinear-align-corners' : 'bilinear-half-pixel',
    ...range,
    ...(format === 'tflite' && isInteger && { variant: 'int8' }),
  };
  if (format === 'tfjs' || format === 'savedmodel') return importFolder(read, options);
  const bytes = await read(mainFiles[format]);
  if (!bytes) throw new RookeryError('MODEL_INVALID', { detail: `there is no ${mainFiles[format]}` });
  return importModel(bytes, options);
}

function sampleOf({ manifest }: ExportSource, type: 'uint8' | 'float32'): Sample {
  const { width, height } = manifest.preprocessing;
  const bytes = randomPictures(pictures, height, width, 3);
  return { pixels: type === 'uint8' ? bytes : Float32Array.from(bytes), count: pictures, width, height };
}

/** Infinite where one is no number, or where there are not as many. */
function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((most, value, at) => {
    const off = Math.abs(value - (b[at] ?? Number.NaN));
    return Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(most, off);
  }, 0);
}
