import { RookeryError } from '@rookery/contracts';
import type { GivenPixels } from '@rookery/inference';
import type { ResolvedSignature } from '../../serving/model-source.ts';
import type { ServedPicture } from '../../serving/served-picture.ts';
import type { InferenceRequest, InputTensor } from '../tensors/tensor.ts';
import { decodeBase64 } from './base64.ts';
import { pixelRange } from './pixel-range.ts';

export interface PictureLimits {
  /** Of one request. */
  readonly pictures: number;
  /** Of one encoded picture. */
  readonly pictureBytes: number;
}

/** The pictures of a request, and the input that they came in. */
export interface RequestedPictures {
  readonly input: string;
  readonly pictures: readonly ServedPicture[];
}

/**
 * Takes the pictures from a request's one input: `images`, BYTES [n] or [n, 1] of encoded pictures, or `pixels`, UINT8 or FP32
 * [n, height, width, 3].
 * @throws {RookeryError} REQUEST_INVALID, SOURCE_TOO_MANY_BYTES
 */
export function picturesOf(
  { inputs, parameters }: InferenceRequest,
  { width, height }: ResolvedSignature,
  limits: PictureLimits,
): RequestedPictures {
  const [input, ...others] = inputs;
  const unknown = inputs.find(({ name }) => name !== 'images' && name !== 'pixels');
  if (unknown) throw invalid(`unexpected inference input '${unknown.name}'; the inputs are 'images' and 'pixels'`);
  if (!input || others.length > 0) throw invalid(`expected 1 input, 'images' or 'pixels', got ${inputs.length}`);
  if ('shared_memory_region' in input.parameters)
    throw new RookeryError('NOT_IMPLEMENTED', { detail: `input '${input.name}': there is no shared memory` });
  const count = countOf(input, input.name === 'images' ? [1] : [height, width, 3], limits.pictures);
  const pictures = input.name === 'images' ? encoded(input, count, parameters, limits) : pixels(input, count);
  return { input: input.name, pictures };
}

/** Checks a shape of `[n, ...each]`, for encoded pictures also `[n]`. */
function countOf({ name, shape }: InputTensor, each: readonly number[], most: number): number {
  const [count = 0, ...rest] = shape;
  const fits = rest.length === each.length && rest.every((size, axis) => size === each[axis]);
  if (!fits && !(name === 'images' && shape.length === 1))
    throw invalid(`unexpected shape for input '${name}': expected [-1,${each}], got [${shape}]`);
  if (count >= 1 && count <= most) return count;
  throw invalid(`input '${name}' holds ${count} pictures; a request may have 1 to ${most}`);
}

function encoded(
  input: InputTensor,
  count: number,
  request: InferenceRequest['parameters'],
  { pictureBytes }: PictureLimits,
): ServedPicture[] {
  expectDatatype(input, ['BYTES']);
  const type = input.parameters.content_type ?? request.content_type;
  return input.values('BYTES', count).map((element, at) => {
    const bytes = type === 'base64' ? decodeBase64(element, `${input.name}[${at}]`) : element;
    if (bytes.byteLength > pictureBytes)
      throw new RookeryError('SOURCE_TOO_MANY_BYTES', {
        detail: `${input.name}[${at}]: ${bytes.byteLength} bytes, at most ${pictureBytes}`,
      });
    // Bodies lie in memory of their own, never in shared memory.
    return { kind: 'encoded', bytes: bytes as Uint8Array<ArrayBuffer> };
  });
}

function pixels(input: InputTensor, count: number): ServedPicture[] {
  expectDatatype(input, ['UINT8', 'FP32']);
  const total = input.shape.reduce((product, size) => product * size, 1);
  const each = total / count;
  const range = pixelRange(input);
  const values = input.datatype === 'UINT8' ? input.values('UINT8', total) : input.values('FP32', total);
  return Array.from({ length: count }, (_, at) => {
    // A buffer of its own, which is given away.
    const one = values.slice(at * each, (at + 1) * each) as GivenPixels;
    if (range && one instanceof Float32Array)
      for (let i = 0; i < one.length; i++) one[i] = (one[i] as number) * range.scale + range.offset;
    return { kind: 'pixels', pixels: one };
  });
}

function expectDatatype({ name, datatype }: InputTensor, expected: readonly string[]): void {
  if (!expected.includes(datatype))
    throw invalid(`unexpected datatype for input '${name}': expected ${expected.join(' or ')}, got ${datatype}`);
}

const invalid = (detail: string): RookeryError => new RookeryError('REQUEST_INVALID', { detail });
