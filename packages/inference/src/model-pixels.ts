import type { ServingModel } from '@rookery/contracts';
import { defaultMaxPixels } from './pin.ts';

/**
 * A picture as the classifier hands it to the engine: height x width x 3 values from 0 to 255 of the model's input type. Every pixel is
 * decoded, also where the model says that fewer will do. For whoever measures or calibrates a graph. In the caller's thread; libvips is
 * loaded when it is first called.
 * @throws {RookeryError} UNSUPPORTED_FORMAT, PICTURE_CORRUPT, PICTURE_TOO_LARGE.
 */
export async function modelPixels(
  bytes: Uint8Array<ArrayBuffer>,
  { preprocessing, input }: Pick<ServingModel, 'preprocessing' | 'input'>,
  { maxPixels = defaultMaxPixels }: { readonly maxPixels?: number | undefined } = {},
): Promise<Uint8Array | Float32Array> {
  const [{ decodePixels, decodeResized }, { probe }, { ExactResizer }] = await Promise.all([
    import('./decode/decode-pixels.ts'),
    import('./decode/probe.ts'),
    import('./decode/resize/exact-resizer.ts'),
  ]);
  const probed = await probe(bytes, maxPixels);
  const length = preprocessing.width * preprocessing.height * 3;
  const values = input.type === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
  if (preprocessing.kernel.startsWith('bilinear-'))
    new ExactResizer(preprocessing).resize(await decodePixels(bytes, probed, maxPixels), values);
  else values.set((await decodeResized(bytes, probed, maxPixels, preprocessing, 'exact')).data);
  return values;
}
