import { RookeryError } from '@rookery/contracts';
import { elementBytes } from './data-types.ts';
import { toNumber } from './int64.ts';
import type { GraphMessage, ModelMessage, TensorMessage } from './messages.ts';

/** Gives a file that lies beside a model by its path there; `undefined` where there is none. */
export type ReadBeside = (path: string) => Promise<Uint8Array | undefined>;

/** Protocol buffers end here. */
const maxBytes = 2 ** 31 - 1;
const invalid = (detail: string): RookeryError => new RookeryError('MODEL_INVALID', { detail });

/** Refuses a model whose weights are in other files. @throws {RookeryError} MODEL_INVALID */
export function refuseExternalData({ graph }: ModelMessage): void {
  for (const { what, location } of externalTensors(graph))
    throw invalid(`${what} is in ${JSON.stringify(location)}; save the model as one file`);
}

/**
 * Takes weights that other files hold into the model (ONNX's "External data"), as exporters of large models write them. They stay views
 * of those files.
 * @throws {RookeryError} MODEL_INVALID where a file is missing or shorter than it should be, or all of it is too much for one model.
 */
export async function takeExternalData({ graph }: ModelMessage, read: ReadBeside): Promise<void> {
  const files = new Map<string, Promise<Uint8Array | undefined>>();
  let total = 0;
  for (const { tensor, what, location } of externalTensors(graph)) {
    const reading = files.get(location) ?? read(location);
    files.set(location, reading);
    const file = await reading;
    if (!file) throw invalid(`${what} is in ${JSON.stringify(location)}, which does not lie beside it`);
    tensor.rawData = partOf(file, tensor, `${what} in ${JSON.stringify(location)}`);
    total += tensor.rawData.byteLength;
    if (total > maxBytes) throw invalid(`its weights are more than the ${maxBytes} bytes that an ONNX file can have`);
    tensor.externalData = [];
    delete tensor.dataLocation;
  }
}

function partOf(file: Uint8Array, tensor: TensorMessage, what: string): Uint8Array {
  const number = (key: string): number | undefined => {
    const text = tensor.externalData?.find((pair) => pair.key === key)?.value;
    if (text !== undefined && !/^\d{1,15}$/.test(text))
      throw invalid(`the ${key} of ${what} is ${JSON.stringify(text)}`);
    return text === undefined ? undefined : Number(text);
  };
  const from = number('offset') ?? 0;
  const length = number('length') ?? file.byteLength - from;
  if (length < 0 || from + length > file.byteLength)
    throw invalid(`${what} ends at ${from + length}, the file has ${file.byteLength} bytes`);
  const element = elementBytes(tensor.dataType);
  const expected =
    element === undefined ? undefined : tensor.dims.reduce<number>((product, dim) => product * toNumber(dim), element);
  if (expected !== undefined && expected !== length) throw invalid(`${what} has ${length} bytes, not ${expected}`);
  return file.subarray(from, from + length);
}

interface ExternalTensor {
  readonly tensor: TensorMessage;
  /** For people. */
  readonly what: string;
  readonly location: string;
}

function* externalTensors(graph: GraphMessage): Generator<ExternalTensor> {
  for (const tensor of graph.initializer) yield* ifExternal(tensor, `the weights of ${JSON.stringify(tensor.name)}`);
  for (const node of graph.node) {
    for (const attribute of node.attribute) {
      for (const inner of [...(attribute.g ? [attribute.g] : []), ...(attribute.graphs ?? [])])
        yield* externalTensors(inner);
      if (attribute.t) yield* ifExternal(attribute.t, `a constant of node ${JSON.stringify(node.name ?? '')}`);
    }
  }
}

function* ifExternal(tensor: TensorMessage, what: string): Generator<ExternalTensor> {
  if (tensor.dataLocation !== 1 && (tensor.externalData?.length ?? 0) === 0) return;
  yield { tensor, what, location: tensor.externalData?.find(({ key }) => key === 'location')?.value ?? '' };
}
