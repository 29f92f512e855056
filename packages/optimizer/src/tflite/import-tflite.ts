import { digestOf, type ModelDraft, RookeryError } from '@rookery/contracts';
import { type Imported, importGraph } from '../import/import-graph.ts';
import type { ImportOptions } from '../import/import-options.ts';
import type { Form } from './conversion.ts';
import { inputNormalisation } from './input-normalisation.ts';
import { byteQuantisation } from './quantisation.ts';
import { readTflite } from './read-tflite.ts';
import type { TfliteModel } from './tflite-model.ts';
import { tfliteToOnnx } from './tflite-to-onnx.ts';

/** What the variants are called. */
const variantOf: Readonly<Record<Form, string>> = { float32: 'fp32', int8: 'int8' };

/**
 * Turns a TFLite file into a version that can be served: `fp32` with all of it in real numbers, and `int8` too where the file computes
 * with bytes, whose activations keep the file's scales. `fp32` is the default unless `options.variant` says otherwise.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED with the operator, its place and the tensor that it makes; MODEL_INVALID;
 * LABELS_INVALID.
 */
export async function importTflite(bytes: Uint8Array, options: ImportOptions): Promise<Imported> {
  if (options.layout === 'nchw') throw new RookeryError('USAGE', { detail: 'TFLite files take nhwc' });
  const model = readTflite(bytes);
  const forms: Form[] = computesWithBytes(model) ? ['float32', 'int8'] : ['float32'];
  const names = forms.map((form) => variantOf[form]);
  const defaultVariant = options.variant ?? 'fp32';
  if (!names.includes(defaultVariant))
    throw new RookeryError('USAGE', {
      detail: `${options.source} gives ${names.join(' and ')}, not ${defaultVariant}`,
    });
  const notes: string[] = [];
  const known = { ...withInput(options, inputNormalisation(model, options, notes)), layout: 'nhwc' } as const;
  const origin = { importer: '@rookery/optimizer tflite', sourceDigest: digestOf(bytes) };
  const drafts: ModelDraft[] = [];
  for (const form of forms) {
    const variant = variantOf[form];
    const imported = await importGraph(tfliteToOnnx(model, form, options), { ...known, variant }, origin);
    drafts.push(imported.draft);
    // What is said of one variant only.
    notes.push(...imported.notes.filter((note) => !notes.includes(note)));
  }
  return { draft: together(drafts, defaultVariant), notes };
}

/** What the file says takes the place of a range that was said. */
function withInput(options: ImportOptions, own: ReturnType<typeof inputNormalisation>): ImportOptions {
  if (own.scale === undefined) return { ...options, ...own };
  const { range: _range, ...others } = options;
  return { ...others, ...own };
}

/** Whether a convolution or a dense layer reads bytes and gives bytes. */
function computesWithBytes({ operators, tensors }: TfliteModel): boolean {
  const isBytes = (index: number | undefined): boolean => {
    const tensor = tensors[index ?? -1];
    return tensor !== undefined && byteQuantisation(tensor) !== undefined;
  };
  return operators.some(
    ({ name, inputs, outputs }) =>
      (name.endsWith('CONV_2D') || name === 'FULLY_CONNECTED') && isBytes(inputs[0]) && isBytes(outputs[0]),
  );
}

/** One version of several variants. */
function together(drafts: readonly ModelDraft[], defaultVariant: string): ModelDraft {
  const [first] = drafts;
  if (!first) throw new RookeryError('INTERNAL', { detail: 'a TFLite file without variants' });
  return {
    files: new Map(drafts.flatMap(({ files }) => [...files])),
    manifest: {
      ...first.manifest,
      variants: Object.assign({}, ...drafts.map(({ manifest }) => manifest.variants)),
      defaultVariant,
    },
  };
}
