import type { Metadata } from '@grpc/grpc-js';
import { RookeryError, type Scope } from '@rookery/contracts';
import { type Caller, everybody, mayDo, nobody } from '../../auth/caller.ts';
import type { AuthOptions } from '../../options.ts';

/**
 * Who calls, by `authorization: Bearer KEY` or `x-api-key: KEY` in the metadata of the call.
 * @throws {RookeryError} UNAUTHENTICATED, FORBIDDEN where they may not do what the method needs.
 */
export function authenticate(metadata: Metadata, auth: AuthOptions, scope: Scope): Caller {
  const caller = auth.kind === 'off' ? everybody : callerOf(metadata, auth);
  if (mayDo(caller, scope)) return caller;
  if (caller.via === 'none') throw new RookeryError('UNAUTHENTICATED');
  throw new RookeryError('FORBIDDEN', { detail: `the key "${caller.name}" lacks the scope "${scope}"` });
}

function callerOf(metadata: Metadata, { keys }: Extract<AuthOptions, { kind: 'keys' }>): Caller {
  const [authorization = ''] = metadata.get('authorization');
  const [header] = metadata.get('x-api-key');
  const text = /^Bearer +([\w.~+/=-]{1,200})$/i.exec(String(authorization))?.[1] ?? header;
  const key = typeof text === 'string' ? keys.find(text) : undefined;
  return key ? { via: 'key', ...key } : nobody;
}
