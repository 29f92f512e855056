import { Scope } from '@rookery/contracts';
import type { ApiOptions } from '../options.ts';

/** Who asks, and what they may do. */
export interface Caller {
  /** `key`: by an API key; `session`: a page that exchanged one; `open`: this service asks nobody; `none`: nobody known. */
  readonly via: 'key' | 'session' | 'open' | 'none';
  /** Of the key. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly scopes: readonly Scope[];
}

/** Where authentication is off. */
export const everybody: Caller = { via: 'open', id: undefined, name: undefined, scopes: Scope.options };

export const nobody: Caller = { via: 'none', id: undefined, name: undefined, scopes: [] };

/** `admin` may do everything. */
export const mayDo = (caller: Caller, scope: Scope): boolean =>
  caller.scopes.includes(scope) || caller.scopes.includes('admin');

/** Whether the key that somebody came with is still in force, for what goes on after its request: keys are revoked, and run out. */
export const isInForce = ({ id }: Caller, auth: ApiOptions['auth']): boolean =>
  id === undefined || auth.kind === 'off' || auth.keys.get(id) !== undefined;
