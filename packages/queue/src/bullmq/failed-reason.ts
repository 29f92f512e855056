import { isErrorCode, type RookeryError } from '@rookery/contracts';
import type { DeadLetter } from '../task-queue.ts';

/** Dashboards show this one text. */
export const encodeReason = ({ code, detail }: RookeryError): string => `${code}: ${detail ?? ''}`;

/** The reason of a failed job; `INTERNAL` where another BullMQ worker made it fail. */
export function decodeReason(failedReason: string): DeadLetter['reason'] {
  const [, code = '', detail = ''] = /^([A-Z_]+): (.*)$/s.exec(failedReason) ?? [];
  return isErrorCode(code) ? { code, detail } : { code: 'INTERNAL', detail: failedReason };
}

/** What dashboards show below it. */
export const encodeStack = (reason: RookeryError): string => JSON.stringify([reason.stack ?? reason.message]);
