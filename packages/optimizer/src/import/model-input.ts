import { RookeryError } from '@rookery/contracts';
import { intsOf } from '../onnx/attributes.ts';
import { DataType, type DataTypeName, dataTypeName } from '../onnx/data-types.ts';
import { viewGraph } from '../onnx/graph-view.ts';
import { toNumber } from '../onnx/int64.ts';
import type { GraphMessage, ModelMessage, ValueInfoMessage } from '../onnx/messages.ts';
import { tensorDims } from '../onnx/tensor.ts';
import type { ImportOptions, Layout } from './import-options.ts';

/** What a model wants to be given. */
export interface ModelInput {
  readonly name: string;
  readonly type: DataTypeName;
  readonly layout: Layout;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** The number of pictures that the file says, or `undefined` for any. */
  readonly fixedBatch: number | undefined;
  /** It has one channel. */
  readonly isGrey: boolean;
}

/** Can be fed as they are. */
const fed: readonly DataTypeName[] = ['float32', 'float16', 'float64', 'uint8', 'int32'];
/** Are cast to inside the graph. */
const cast: readonly DataTypeName[] = ['int8', 'int16', 'uint16', 'int64', 'uint32', 'uint64', 'bfloat16'];
const accepted = [...fed, ...cast];
export const isFed = (type: DataTypeName): boolean => fed.includes(type);
const fallbackSize = 224;
const invalid = (detail: string): RookeryError => new RookeryError('MODEL_INVALID', { detail });

/** Finds the picture input and reads its shape. @throws {RookeryError} MODEL_INVALID with what is wrong or has to be said. */
export function findModelInput({ graph }: ModelMessage, options: ImportOptions, notes: string[]): ModelInput {
  const input = pictureInput(graph);
  const tensor = input.type?.tensorType;
  const type = dataTypeName(tensor?.elemType ?? 0);
  if (!type || !accepted.includes(type)) {
    throw invalid(`input ${input.name} has type ${type ?? tensor?.elemType}; ${accepted.join(', ')} can be served`);
  }
  // A dimension is a number, or unknown.
  const dims = tensor?.shape?.dim.map(({ dimValue }) => (dimValue === undefined ? 0 : toNumber(dimValue)));
  const known = dims?.map((dim) => (dim > 0 ? dim : undefined));
  if (known && known.length !== 4)
    throw invalid(`input ${input.name} has ${known.length} dimensions; a batch of pictures has 4`);
  const layout = options.layout ?? guessLayout(graph, input, known ?? [], notes);
  const [batch, ...rest] = known ?? [undefined, undefined, undefined, undefined];
  const [height, width, channels] = layout === 'nhwc' ? rest : [rest[1], rest[2], rest[0]];
  if (channels !== undefined && channels !== 3 && channels !== 1) {
    throw invalid(
      `input ${input.name} is [${known?.map((dim) => dim ?? '?')}], ${layout}: ${channels} channels, pictures have 3, or 1 where they are grey`,
    );
  }
  const size = (what: 'width' | 'height', own: number | undefined): number => {
    const asked = options[what];
    if (own !== undefined && asked !== undefined && own !== asked)
      throw invalid(`${what} ${asked} was asked for, the model wants ${own}`);
    if (own === undefined && asked === undefined) notes.push(`${what}: ${fallbackSize} (a guess: the model takes any)`);
    return own ?? asked ?? fallbackSize;
  };
  return {
    name: input.name,
    type,
    layout,
    fixedBatch: batch,
    isGrey: channels === 1,
    height: size('height', height),
    width: size('width', width),
  };
}

function pictureInput(graph: GraphMessage): ValueInfoMessage {
  const [only, ...others] = graph.input;
  if (!only) throw invalid('it has no input');
  if (others.length === 0) return only;
  const pictures = graph.input.filter(({ type }) => type?.tensorType?.shape?.dim.length === 4);
  const names = graph.input.map(({ name }) => name).join(', ');
  throw invalid(
    `it has ${graph.input.length} inputs (${names}), ${pictures.length} of them pictures; a classifier has one`,
  );
}

function guessLayout(
  graph: GraphMessage,
  input: ValueInfoMessage,
  dims: readonly (number | undefined)[],
  notes: string[],
): Layout {
  const [, second, , fourth] = dims;
  const denoted = input.type?.tensorType?.shape?.dim.findIndex(({ denotation }) => denotation === 'DATA_CHANNEL');
  const byChannels = (channels: number): Layout | undefined => {
    if (second === channels && fourth !== channels) return 'nchw';
    return fourth === channels && second !== channels ? 'nhwc' : undefined;
  };
  const byDenotation = ({ 1: 'nchw', 3: 'nhwc' } as const)[denoted ?? -1];
  const byShape = byDenotation ?? byChannels(3) ?? byChannels(1);
  const layout = byShape ?? layoutByReader(graph, input.name);
  if (!layout)
    throw invalid(
      `the layout of input ${input.name} cannot be guessed from [${dims.map((dim) => dim ?? '?')}]; say nhwc or nchw`,
    );
  notes.push(
    `layout: ${layout} (${byShape ? `the shape is [${dims.map((dim) => dim ?? '?')}]` : 'by what reads the input'})`,
  );
  return layout;
}

/** A convolution over three channels reads NCHW, a transposition tells which way it goes. */
function layoutByReader(graph: GraphMessage, value: string): Layout | undefined {
  const view = viewGraph(graph);
  for (let at = value, steps = 0; steps < 8; steps += 1) {
    const reader = view.soleConsumer(at);
    if (reader?.opType === 'Conv') {
      const weights = view.constants.get(reader.input[1] ?? '');
      return weights && tensorDims(weights)[1] === 3 ? 'nchw' : undefined;
    }
    if (reader?.opType === 'Transpose') return intsOf(reader, 'perm')?.join() === '0,3,1,2' ? 'nhwc' : undefined;
    if (!reader || !['Identity', 'Cast', 'Mul', 'Div', 'Add', 'Sub'].includes(reader.opType)) return undefined;
    at = reader.output[0] ?? '';
  }
  return undefined;
}

/** Constants that old files also list as inputs are no inputs, nor is what converters leave behind that nothing reads. */
export function dropOtherInputs({ graph }: ModelMessage, notes: string[]): void {
  const { constants, consumers, isOutput } = viewGraph(graph);
  const inputs = graph.input.filter(({ name }) => !constants.has(name));
  const read = inputs.filter(({ name }) => consumers(name).length > 0 || isOutput(name));
  graph.input = read.length > 0 ? read : inputs;
  const unread = inputs.filter((input) => !graph.input.includes(input));
  if (unread.length > 0)
    notes.push(`inputs that nothing reads are not asked for (${unread.map(({ name }) => name).join(', ')})`);
}

export const isFloatType = (type: DataTypeName): boolean =>
  type === 'float32' || type === 'float16' || type === 'float64' || type === 'bfloat16';
export const typeId = (type: DataTypeName): number => DataType[type];
