import { RookeryError } from '@rookery/contracts';
import type { Int64 } from './messages.ts';

/** @throws {RookeryError} MODEL_INVALID where a double cannot hold it. */
export function toNumber(value: Int64): number {
  const number =
    typeof value === 'number' ? value : (value.unsigned ? value.high >>> 0 : value.high) * 2 ** 32 + (value.low >>> 0);
  if (!Number.isSafeInteger(number))
    throw new RookeryError('MODEL_INVALID', { detail: `a number of 64 bits, ${number}, is out of range` });
  return number;
}
