import { resolve } from 'node:path';
import { type AuthOptions, isLoopbackHost, keysFromText, openKeyFile } from '@rookery/api';
import { RookeryError } from '@rookery/contracts';
import type { Logger } from '@rookery/telemetry';
import type { Config } from '../config.ts';

/** Who may call the service. To be disposed of after it: the file of keys is watched. */
export type OpenedAuth = AuthOptions & Disposable;

/**
 * Keys are asked for wherever there are some; without any a service may only be bound to this machine. Settled before anything else
 * starts: a refusal must not wait for a model.
 * @throws {RookeryError} CONFIG_INVALID
 */
export async function openAuth(
  { api }: Config,
  { cwd, log }: { readonly cwd: string; readonly log: Logger },
): Promise<OpenedAuth> {
  const keys = api.keysText ? keysFromText(api.keysText) : await openKeyFile(resolve(cwd, api.keys), { log });
  try {
    return { ...authOf(api, keys), [Symbol.dispose]: () => keys[Symbol.dispose]() };
  } catch (thrown) {
    keys[Symbol.dispose]();
    throw thrown;
  }
}

function authOf(api: Config['api'], keys: Awaited<ReturnType<typeof openKeyFile>>): AuthOptions {
  const loopback = api.host === '::1' || isLoopbackHost(api.host);
  if (api.noAuth && !loopback)
    throw new RookeryError('CONFIG_INVALID', {
      detail: `api.host ${api.host}: --no-auth is for a service that only this machine can reach`,
    });
  if (loopback && (api.noAuth || keys.count === 0)) return { kind: 'off' };
  if (keys.count > 0) return { kind: 'keys', keys, sessionSecret: api.sessionSecret };
  throw new RookeryError('CONFIG_INVALID', {
    detail: `api.host ${api.host}: a service that others can reach asks for keys, and ${api.keys} has none in force; \`rookery keys create NAME\` makes one`,
  });
}
