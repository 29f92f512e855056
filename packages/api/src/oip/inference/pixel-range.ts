import { RookeryError } from '@rookery/contracts';
import type { InputTensor } from '../tensors/tensor.ts';

/** What makes values from 0 to 255: `value * scale + offset`. */
interface PixelRange {
  readonly scale: number;
  readonly offset: number;
}

const ranges: Readonly<Record<string, PixelRange | undefined>> = {
  '0..255': undefined,
  '0..1': { scale: 255, offset: 0 },
  '-1..1': { scale: 127.5, offset: 127.5 },
};

/** The range that FP32 pixels are in, by the input's parameter `range`; undefined where they are from 0 to 255 already. */
export function pixelRange({ name, datatype, parameters }: InputTensor): PixelRange | undefined {
  const { range = '0..255' } = parameters;
  if (typeof range !== 'string' || !Object.hasOwn(ranges, range))
    throw new RookeryError('REQUEST_INVALID', {
      detail: `input '${name}': the parameter range is one of ${Object.keys(ranges).join(', ')}`,
    });
  if (datatype === 'UINT8' && range !== '0..255')
    throw new RookeryError('REQUEST_INVALID', { detail: `input '${name}': UINT8 is from 0 to 255` });
  return ranges[range];
}
