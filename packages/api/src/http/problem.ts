import {
  asRookeryError,
  describeIssues,
  type ErrorCode,
  errorMessage,
  type Problem,
  RookeryError,
} from '@rookery/contracts';
import * as z from 'zod';
import { ofHttp, statusOf } from './status.ts';

export const problemType = 'application/problem+json';

/** Not the caller's fault, and yet about the request. */
const ofTheRequest: readonly ErrorCode[] = ['OVERLOADED', 'TIMED_OUT', 'NOT_IMPLEMENTED', 'FORMAT_NOT_YET_IMPORTED'];

/** What a problem document tells about one request besides the error. */
export interface ProblemPlace {
  readonly requestId: string;
  /** Path, without the query: that may hold secrets. */
  readonly path?: string | undefined;
  /** Which part of the request fastify was checking. */
  readonly part?: string | undefined;
}

/**
 * The problem document of whatever was thrown. Details of what is wrong with the request are shown, those of what is wrong with the
 * service are not: they are in its log under the request's id.
 */
export function problemOf(thrown: unknown, { requestId, path, part = 'request' }: ProblemPlace): Problem {
  const error = rookeryErrorOf(thrown);
  const status = statusOf(error.code);
  const issues = thrown instanceof z.ZodError && error.code === 'REQUEST_INVALID' ? issuesOf(thrown, part) : undefined;
  const detail = status < 500 || ofTheRequest.includes(error.code) ? error.detail : undefined;
  return {
    type: problemTypeOf(error.code),
    title: errorMessage(error.code),
    status,
    ...(detail !== undefined && { detail }),
    ...(path !== undefined && { instance: path }),
    code: error.code,
    requestId,
    retryable: error.retryable,
    ...(issues && { errors: issues }),
  };
}

export const problemTypeOf = (code: ErrorCode): string => `urn:rookery:problem:${code}`;

/** Gives whatever was thrown inside a request a code of the taxonomy. */
export function rookeryErrorOf(thrown: unknown): RookeryError {
  if (thrown instanceof RookeryError) return thrown;
  // A ZodError without a mark of fastify's is an answer that differs from its schema.
  if (thrown instanceof z.ZodError && isOfValidation(thrown))
    return new RookeryError('REQUEST_INVALID', { detail: describeIssues(thrown), cause: thrown });
  const ours = thrown instanceof Error ? ofHttp(thrown as Error & { code?: string; statusCode?: number }) : undefined;
  return ours ?? asRookeryError(thrown);
}

export const isOfValidation = (thrown: object): boolean => 'validationContext' in thrown;

const issuesOf = (error: z.ZodError, part: string): Problem['errors'] =>
  error.issues.slice(0, 20).map(({ path, message }) => ({ field: [part, ...path.map(String)].join('.'), message }));
