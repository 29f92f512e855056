import { RookeryError } from '@rookery/contracts';
import type { TfliteTensor } from './tflite-model.ts';

/** `(q - zeroPoint) * scale`, q from 0 to 255. */
export interface ByteQuantisation {
  readonly scale: number;
  readonly zeroPoint: number;
}

/**
 * How a tensor's values become bytes: one scale and zero point for all of it. Signed ones are moved up by 128, which changes nothing but
 * lets one kind of kernel do. `undefined` where it is not quantised, or to other integers.
 */
export function byteQuantisation({ quantisation, type, name }: TfliteTensor): ByteQuantisation | undefined {
  if (!quantisation || (type !== 'uint8' && type !== 'int8') || quantisation.scale.length !== 1) return undefined;
  const [scale = 1] = quantisation.scale;
  const zeroPoint = (quantisation.zeroPoint[0] ?? 0) + (type === 'int8' ? 128 : 0);
  if (!(zeroPoint >= 0 && zeroPoint <= 255))
    throw new RookeryError('MODEL_INVALID', { detail: `tensor ${JSON.stringify(name)} has a zero point out of range` });
  return { scale, zeroPoint };
}

export const sameQuantisation = (a: ByteQuantisation, b: ByteQuantisation): boolean =>
  a.scale === b.scale && a.zeroPoint === b.zeroPoint;

/** Whether no value that the bytes can stand for is outside `low` to `high`, by more than rounding: then clamping to it is done already. */
export const isWithin = ({ scale, zeroPoint }: ByteQuantisation, low: number, high: number): boolean =>
  -zeroPoint * scale >= low - scale / 2 && (255 - zeroPoint) * scale <= high + scale / 2;
