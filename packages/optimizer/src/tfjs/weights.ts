import { RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import { halfToFloat } from '../onnx/half.ts';
import { parse } from './topology.ts';

/** A weight as float32, in Keras' own order of axes. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const Quantization = z.union([
  z.object({ dtype: z.literal('float16') }),
  z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }),
]);
const Spec = z.object({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  dtype: z.enum(['float32', 'int32', 'bool', 'uint8']),
  quantization: Quantization.optional(),
});
const Manifest = z.array(z.object({ weights: z.array(Spec) }));

const bytesPerElement = { float32: 4, int32: 4, bool: 1, uint8: 1, float16: 2, uint16: 2 } as const;

/**
 * Reads the weights of a `weightsManifest`, whose groups lie one after the other in `data`. Quantised ones are `code * scale + min`,
 * computed as TensorFlow.js does.
 * @throws {RookeryError} MODEL_INVALID where the manifest and the bytes do not fit together.
 */
export function readWeights(weightsManifest: unknown, data: Uint8Array): ReadonlyMap<string, Weight> {
  const weights = new Map<string, Weight>();
  let at = 0;
  for (const { name, shape, dtype, quantization } of parse(Manifest, weightsManifest, 'weightsManifest').flatMap(
    (group) => group.weights,
  )) {
    const stored = quantization?.dtype ?? dtype;
    const count = shape.reduce((product, size) => product * size, 1);
    const end = at + count * bytesPerElement[stored];
    if (!(end <= data.byteLength))
      throw new RookeryError('MODEL_INVALID', { detail: `weight ${name} ends at byte ${end} of ${data.byteLength}` });
    // A copy, which is aligned.
    const { buffer } = new Uint8Array(data.subarray(at, end));
    weights.set(name, { shape, values: values(buffer, stored, quantization) });
    at = end;
  }
  if (at !== data.byteLength)
    throw new RookeryError('MODEL_INVALID', {
      detail: `${data.byteLength} bytes of weights where the manifest names ${at}`,
    });
  return weights;
}

function values(
  buffer: ArrayBuffer,
  stored: keyof typeof bytesPerElement,
  quantization: z.infer<typeof Quantization> | undefined,
): Float32Array {
  if (stored === 'float16') return Float32Array.from(new Uint16Array(buffer), halfToFloat);
  const codes =
    stored === 'float32'
      ? new Float32Array(buffer)
      : stored === 'int32'
        ? new Int32Array(buffer)
        : stored === 'uint16'
          ? new Uint16Array(buffer)
          : new Uint8Array(buffer);
  if (!quantization || quantization.dtype === 'float16') return Float32Array.from(codes);
  const { scale, min } = quantization;
  const result = new Float32Array(codes.length);
  for (let at = 0; at < result.length; at += 1) result[at] = (codes[at] ?? 0) * scale + min;
  return result;
}
