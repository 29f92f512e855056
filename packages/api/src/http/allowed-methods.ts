import type { ApiInstance } from '../api-instance.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** The methods that a path answers to; none where there is nothing. */
export const allowedMethods = (app: ApiInstance, path: string): string[] =>
  methods.filter((method) => app.findRoute({ method, url: path }) !== null);
