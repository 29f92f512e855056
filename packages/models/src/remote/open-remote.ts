import { join } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { starterFolder } from '../built-in.ts';
import type { Registry } from '../registry.ts';
import type { RegistryAtOptions } from '../registry-at-options.ts';
import { readVersionFolder } from '../version-folder.ts';
import { ModelCache } from './model-cache.ts';
import { objectPlace } from './object-place.ts';
import { remoteRegistry } from './remote-registry.ts';

/** @throws {RookeryError} REFERENCE_INVALID */
export async function openRemote(location: string, options: RegistryAtOptions): Promise<Registry> {
  const { cacheFolder, cacheBytes, builtIn = [starterFolder()], trusted } = options;
  if (!location.startsWith('s3://'))
    throw new RookeryError('REFERENCE_INVALID', { detail: `${location}: registries are folders or s3:// addresses` });
  const shipped = await Promise.all(builtIn.map((folder) => readVersionFolder(folder, true)));
  const cache = new ModelCache({ folder: join(cacheFolder, 'versions'), maxBytes: cacheBytes });
  return remoteRegistry({
    place: objectPlace(await options.openStore(location)),
    cache,
    builtIn: shipped.filter((found) => found !== undefined),
    trusted,
  });
}
