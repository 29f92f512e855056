import { RookeryError } from '@rookery/contracts';
import type { Parameters } from '../tensors/tensor.ts';

/** A request's parameter `timeout`, which is in microseconds; undefined for none. @throws {RookeryError} REQUEST_INVALID */
export function timeoutParameterMs({ timeout }: Parameters): number | undefined {
  if (timeout === undefined || timeout === 0) return undefined;
  if (typeof timeout !== 'number' || !(timeout > 0))
    throw new RookeryError('REQUEST_INVALID', { detail: 'the parameter timeout is a number of microseconds' });
  // What a timer can hold: 24 days, and the request has its own limit.
  return Math.min(timeout / 1000, 2 ** 31 - 1);
}
