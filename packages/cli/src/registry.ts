import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { openRegistryAt, type Registry, type RegistryAtOptions, readPublicKeys } from '@rookery/models';
import type { RegistryOptions } from './commands/registry-options.ts';
import type { Config, ConfigFlags } from './config.ts';
import { pathOfFileAddress } from './file-address.ts';
import { openStoreOf } from './store.ts';
import { wandbOptionsOf } from './wandb.ts';

/** The flags of a command as settings. */
export const registryFlags = ({
  models,
  registry,
  requireSigned,
}: RegistryOptions): NonNullable<ConfigFlags['models']> => ({
  folder: models,
  registry,
  requireSigned,
});

/** The configured registry. @throws {RookeryError} CONFIG_INVALID where the file of trusted keys is none. */
export const openRegistryOf = (config: Config, cwd: string): Promise<Registry> =>
  openRegistryFor(registryLocation(config), config, cwd);

/** A registry in a folder or elsewhere, with what the configuration says about caches, credentials and signatures. */
export async function openRegistryFor(location: string, config: Config, cwd: string): Promise<Registry> {
  return openRegistryAt(absolute(location, cwd), {
    cacheFolder: resolve(cwd, config.models.cache),
    cacheBytes: config.models.cacheSize,
    openStore: (at) => openStoreOf(at, config),
    openWandb: () => wandbOptionsOf(config),
    trusted: await trustedKeys(config, cwd),
  });
}

/** Where the configured registry is; a folder that the command line names counts more than an address of the environment. */
export function registryLocation({ models: { folder, registry }, origins }: Config): string {
  const folderIsMeant = origins.get('models.folder') === '--models' && origins.get('models.registry') !== '--registry';
  return folderIsMeant ? folder : (registry ?? folder);
}

/** Keys of which one must have signed what is loaded. `undefined`: signatures are not asked for. */
export async function trustedKeys({ models }: Config, cwd: string): Promise<RegistryAtOptions['trusted']> {
  if (models.requireSigned === undefined) return undefined;
  const path = resolve(cwd, models.requireSigned);
  const pem = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RookeryError('CONFIG_INVALID', { detail: `${path} (the trusted keys) cannot be read`, cause });
  });
  return readPublicKeys(pem);
}

function absolute(location: string, cwd: string): string {
  if (location.startsWith('file://')) return pathOfFileAddress(location);
  return location.includes('://') || isAbsolute(location) ? location : resolve(cwd, location);
}
