import { type Digest, digestOf, type ModelDraft, RookeryError } from '@rookery/contracts';
import { decodeModel } from '../onnx/codec.ts';
import { toNumber } from '../onnx/int64.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { sniffFormat } from '../sniff-format.ts';
import type { ImportOptions } from './import-options.ts';
import { makeDraft } from './make-draft.ts';
import { dropConstantInputs, findModelInput } from './model-input.ts';
import { normalisationOf } from './normalisation.ts';
import { servingGraph } from './serving-graph.ts';

export interface Imported {
  readonly draft: ModelDraft;
  /** What was guessed and why, what was left out, for people. */
  readonly notes: readonly string[];
}

/** Operator sets that ONNX Runtime runs and whose operators the passes know. */
const oldestOpset = 7;
/** Before this, constants had to be inputs too. */
const oldestIrVersion = 4;

/**
 * Turns an ONNX file into a version that can be served: input `images` `[batch, height, width, 3]`, output probabilities. What the file
 * does not say is taken from the options, or guessed and noted. The same bytes and options give the same files.
 * @throws {RookeryError} MODEL_INVALID with what is wrong or has to be said; MODEL_OPERATOR_UNSUPPORTED; LABELS_INVALID;
 * FORMAT_NOT_YET_IMPORTED.
 */
export async function importModel(bytes: Uint8Array, options: ImportOptions): Promise<Imported> {
  refuseOtherFormats(bytes, options.source);
  const model = decodeModel(bytes);
  checkVersion(model);
  return importGraph(model, options, { importer: '@rookery/optimizer onnx', sourceDigest: digestOf(bytes) });
}

/** The same for a graph that another importer made. */
export async function importGraph(
  model: ModelMessage,
  options: ImportOptions,
  origin: { readonly importer: string; readonly sourceDigest: Digest },
): Promise<Imported> {
  checkLabels(options.labels);
  const notes: string[] = [];
  dropConstantInputs(model);
  const input = findModelInput(model, options, notes);
  const normalisation = normalisationOf(model, input, options, notes);
  const kernel = options.kernel ?? 'bilinear-half-pixel';
  const resize = options.resize ?? 'stretch';
  if (!options.kernel) notes.push(`kernel: ${kernel} (a guess: what OpenCV does)`);
  if (!options.resize) notes.push(`resize: ${resize} (a guess)`);
  const type = kernel === 'bilinear-align-corners' ? 'float32' : 'uint8';
  const graph = await servingGraph(model, { input, normalisation, type, options, notes });
  const draft = await makeDraft(graph, {
    options,
    notes,
    normalisation,
    preprocessing: { width: input.width, height: input.height, resize, kernel },
    inputType: type,
    variant: options.variant ?? variantOf(model),
    ...origin,
  });
  return { draft, notes };
}

function refuseOtherFormats(bytes: Uint8Array, source: string): void {
  const format = sniffFormat(bytes);
  if (format === 'onnx') return;
  if (format === 'unknown') throw new RookeryError('MODEL_INVALID', { detail: `${source} is not an ONNX file` });
  throw new RookeryError('FORMAT_NOT_YET_IMPORTED', { detail: `${source} is ${format}; export it as ONNX` });
}

function checkLabels(labels: readonly string[]): void {
  const bad = labels.findIndex((label) => label.trim() === '' || /[\r\n]/.test(label));
  if (labels.length === 0) throw new RookeryError('LABELS_INVALID', { detail: 'there are none' });
  if (bad >= 0) throw new RookeryError('LABELS_INVALID', { detail: `label ${bad} is empty or has a line break` });
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

function variantOf({ graph }: ModelMessage): string {
  if (
    graph.node.some(({ opType }) =>
      /^(QuantizeLinear|DequantizeLinear|QLinear\w+|ConvInteger|MatMulInteger)$/.test(opType),
    )
  )
    return 'int8';
  const halves = graph.initializer.filter(({ dataType }) => dataType === 10).length;
  return halves * 2 > graph.initializer.length ? 'fp16' : 'fp32';
}
