import { errorMessage, type RookeryError } from '@rookery/contracts';
import { statusOf } from '../http/status.ts';

/** Client errors that say more than 400, the protocol's own status of a request that failed. */
const keptStatuses: readonly number[] = [401, 403, 404, 405, 408, 413, 415, 429, 431];

export const protocolStatus = (error: RookeryError): number => {
  const status = statusOf(error.code);
  return status >= 500 || keptStatuses.includes(status) ? status : 400;
};

/** Details of what is wrong with the request are shown, those of what is wrong with the service are in its log. */
export const protocolMessage = (error: RookeryError): string => {
  const { code, detail, message } = error;
  if (code === 'REQUEST_INVALID' && detail !== undefined) return detail;
  const ofTheRequest = statusOf(code) < 500 || ['OVERLOADED', 'NOT_IMPLEMENTED'].includes(code);
  return `${code}: ${ofTheRequest ? message : errorMessage(code)}`;
};
