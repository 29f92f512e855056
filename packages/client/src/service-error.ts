import type { components } from './generated/openapi.ts';

export type Problem = components['schemas']['Problem'];

/** Codes that the service has no part in: nothing answered, or something that is not the service. */
type OwnCode = 'UNREACHABLE' | 'NOT_THE_SERVICE' | 'INTERRUPTED';

/** A call that failed. `code` is one of the service's (see its documentation) or says that the service was not reached. */
export class ServiceError extends Error {
  readonly code: string;
  /** Of HTTP; 0 where nothing answered. */
  readonly status: number;
  /** What is wrong with this very request, where the service said so. */
  readonly detail: string | undefined;
  /** Names the request in the service's log. */
  readonly requestId: string | undefined;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  readonly problem: Problem | undefined;

  constructor(problem: Partial<Problem> & { code: string }, options: { cause?: unknown } = {}) {
    super([problem.title ?? problem.code, problem.detail].filter(Boolean).join(': '), options);
    this.name = 'ServiceError';
    this.code = problem.code;
    this.status = problem.status ?? 0;
    this.detail = problem.detail;
    this.requestId = problem.requestId;
    this.retryable = problem.retryable ?? false;
    this.problem = problem.type === undefined ? undefined : (problem as Problem);
  }

  static own(code: OwnCode, title: string, cause?: unknown): ServiceError {
    return new ServiceError({ code, title, retryable: true }, { cause });
  }
}

/** The error in an answer that is one: its problem document, or what can be said without one. */
export async function errorOf(response: Response, body?: unknown): Promise<ServiceError> {
  const found = body ?? (await response.json().catch(() => undefined));
  if (isProblem(found)) return new ServiceError(found);
  const { status } = response;
  const title = `something that is not the service answered with status ${status}`;
  return new ServiceError({ code: 'NOT_THE_SERVICE', title, status, retryable: status >= 500 || status === 429 });
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string';
