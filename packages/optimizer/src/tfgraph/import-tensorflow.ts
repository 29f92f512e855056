import { digestOf, RookeryError } from '@rookery/contracts';
import { type Imported, importGraph } from '../import/import-graph.ts';
import type { ImportOptions } from '../import/import-options.ts';
import { openCheckpoint, type ReadFile } from './checkpoint.ts';
import { decodeTf } from './codec.ts';
import { graphToOnnx, neededNodes, type TfGraph } from './graph-to-onnx.ts';
import { inlineCalls } from './inline-calls.ts';
import { type GraphDefMessage, type SignatureMessage, type TfNode, TfType } from './messages.ts';
import { readVariables } from './variables.ts';

const invalid = (detail: string): RookeryError => new RookeryError('MODEL_INVALID', { detail });

/** Imports a graph in TensorFlow's terms. One that takes whole numbers takes pictures as they are. */
export async function importTfGraph(
  tf: TfGraph,
  options: ImportOptions,
  importer: string,
  source: Uint8Array,
): Promise<Imported> {
  if (options.layout === 'nchw') throw new RookeryError('USAGE', { detail: 'TensorFlow models take nhwc' });
  const { width, height, range, scale, mean, std } = options;
  const model = graphToOnnx(tf, { ...(width !== undefined && { width }), ...(height !== undefined && { height }) });
  const isSaid = [range, scale, mean, std].some((value) => value !== undefined);
  const takesBytes = !isSaid && wholeTypes.includes(tf.inputType ?? 0);
  const known: ImportOptions = { ...options, layout: 'nhwc', ...(takesBytes && { range: '0..255' }) };
  const imported = await importGraph(model, known, {
    importer: `@rookery/optimizer ${importer}`,
    sourceDigest: digestOf(source),
  });
  return takesBytes
    ? { ...imported, notes: ['range: 0..255 (the input takes whole numbers)', ...imported.notes] }
    : imported;
}

const wholeTypes: readonly number[] = [TfType.uint8, TfType.int32, TfType.int64];

/** A frozen GraphDef: its placeholder is the input, what nothing reads is the output. */
export function importFrozenGraph(bytes: Uint8Array, options: ImportOptions): Promise<Imported> {
  return importTfGraph(frozenGraph(decodeTf('GraphDef', bytes)), options, 'tensorflow graph', bytes);
}

export function frozenGraph(graph: GraphDefMessage, values: TfGraph['values'] = new Map()): TfGraph {
  const nodes = inlineCalls(graph);
  const [input, ...others] = [...nodes.values()].filter(({ op }) => op === 'Placeholder');
  if (!input || others.length > 0)
    throw invalid(`it has ${others.length + (input ? 1 : 0)} placeholders; a classifier has one`);
  const { shape, dtype } = input.attr;
  return {
    nodes,
    input: input.name,
    inputShape: shape?.shape,
    inputType: dtype?.type,
    outputs: ends(nodes),
    values,
  };
}

function ends(nodes: ReadonlyMap<string, TfNode>): string[] {
  const read = new Set([...nodes.values()].flatMap(({ input }) => input.map((each) => each.split(':')[0])));
  return [...nodes.values()]
    .filter(({ name, op }) => !read.has(name) && op !== 'NoOp' && op !== 'Const')
    .map(({ name }) => name);
}

/**
 * A SavedModel of TensorFlow 1 or 2: the serving signature (`serving_default`, `serve`, or the only one with a picture input), its
 * functions inlined, its variables from the checkpoint.
 */
export async function importSavedModel(read: ReadFile, options: ImportOptions): Promise<Imported> {
  const bytes = await read('saved_model.pb');
  if (!bytes) throw invalid('there is no saved_model.pb');
  const { metaGraphs } = decodeTf('SavedModel', bytes);
  const meta = metaGraphs.find(({ metaInfoDef }) => metaInfoDef?.tags?.includes('serve')) ?? metaGraphs[0];
  if (!meta?.graphDef) throw invalid('the SavedModel has no graph');
  const signature = servingSignature(meta.signatureDef ?? {});
  const [input] = Object.values(signature.inputs);
  const outputs = Object.values(signature.outputs).map(({ name }) => plain(name));
  if (!input) throw invalid('its signature has no input');
  const nodes = inlineCalls(meta.graphDef);
  const chosen = { nodes, input: plain(input.name), outputs };
  const needed = new Set(neededNodes(chosen).map(({ name }) => name));
  const values = await readVariables(nodes, needed, await openCheckpoint(read, 'variables/variables'));
  return importTfGraph(
    { ...chosen, inputShape: input.tensorShape, inputType: input.dtype, values },
    options,
    'savedmodel',
    bytes,
  );
}

const plain = (name: string): string => name.replace(/:0$/, '');

function servingSignature(signatures: Readonly<Record<string, SignatureMessage>>): SignatureMessage {
  const usable = Object.entries(signatures).filter(
    ([, { inputs, outputs }]) => Object.keys(inputs).length === 1 && Object.keys(outputs).length > 0,
  );
  const found =
    ['serving_default', 'serve', 'default']
      .map((name) => usable.find(([each]) => each === name))
      .find((each) => each) ?? usable[0];
  if (!found)
    throw invalid(
      `none of its signatures (${Object.keys(signatures).join(', ') || 'there are none'}) takes one picture input`,
    );
  return found[1];
}
