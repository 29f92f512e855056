import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { asRookeryError, type RookeryError } from '@rookery/contracts';
import { statusOf } from '../../http/status.ts';
import { protocolMessage } from '../protocol-error.ts';

/** gRPC's code of each HTTP status that an error has; every other 4xx is INVALID_ARGUMENT. */
const codes: Readonly<Record<number, status>> = {
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  408: status.DEADLINE_EXCEEDED,
  409: status.FAILED_PRECONDITION,
  429: status.RESOURCE_EXHAUSTED,
  500: status.INTERNAL,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

const grpcCode = (error: RookeryError): status => codes[statusOf(error.code)] ?? status.INVALID_ARGUMENT;

/** The end of a call that failed with whatever was thrown. */
export function failedStatus(thrown: unknown): StatusObject {
  const error = asRookeryError(thrown);
  const metadata = new Metadata();
  // Clients that may try again wait for so long: https://github.com/grpc/proposal/blob/master/A6-client-retries.md
  if (error.retryAfterMs !== undefined) metadata.set('grpc-retry-pushback-ms', String(Math.ceil(error.retryAfterMs)));
  return { code: grpcCode(error), details: protocolMessage(error), metadata };
}

/** For metrics, which count requests by HTTP's statuses. */
export function httpStatus(code: status): number {
  if (code === status.OK) return 200;
  const known = Object.keys(codes).find((http) => codes[Number(http)] === code);
  return code === status.CANCELLED ? 499 : code === status.UNKNOWN ? 500 : Number(known ?? 400);
}
