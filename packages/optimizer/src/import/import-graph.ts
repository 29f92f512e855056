import { type Digest, type ModelDraft, RookeryError } from '@rookery/contracts';
import type { ModelMessage } from '../onnx/messages.ts';
import type { ImportOptions } from './import-options.ts';
import { makeDraft } from './make-draft.ts';
import { dropOtherInputs, findModelInput, isFed } from './model-input.ts';
import { normalisationOf } from './normalisation.ts';
import { servingGraph } from './serving-graph.ts';
import { widenGrey } from './widen-grey.ts';
import { widenType } from './widen-type.ts';

export interface Imported {
  readonly draft: ModelDraft;
  /** What was guessed and why, what was left out, for people. */
  readonly notes: readonly string[];
}

/**
 * Turns a graph that an importer made into a version that can be served.
 * @throws {RookeryError} as `importModel`.
 */
export async function importGraph(
  model: ModelMessage,
  options: ImportOptions,
  origin: { readonly importer: string; readonly sourceDigest: Digest },
): Promise<Imported> {
  checkLabels(options.labels);
  const notes: string[] = [];
  dropOtherInputs(model, notes);
  const own = findModelInput(model, options, notes);
  const normalisation = normalisationOf(model, own, options, notes);
  const input = own.isGrey ? widenGrey(model, own) : isFed(own.type) ? own : widenType(model, own);
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

function checkLabels(labels: readonly string[]): void {
  const bad = labels.findIndex((label) => label.trim() === '' || /[\r\n]/.test(label));
  if (labels.length === 0) throw new RookeryError('LABELS_INVALID', { detail: 'there are none' });
  if (bad >= 0) throw new RookeryError('LABELS_INVALID', { detail: `label ${bad} is empty or has a line break` });
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
