import { join } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { starterFolder } from '../built-in.ts';
import { readVersionFolder } from '../folder/version-folder.ts';
import type { Registry } from '../registry.ts';
import type { RegistryAtOptions } from '../registry-at-options.ts';
import { ModelCache } from './model-cache.ts';
import { objectPlace } from './object-place.ts';
import type { RemotePlace } from './place.ts';
import { remoteRegistry } from './remote-registry.ts';

/** @throws {RookeryError} REFERENCE_INVALID */
export async function openRemote(location: string, options: RegistryAtOptions): Promise<Registry> {
  const { cacheFolder, cacheBytes, builtIn = [starterFolder()], trusted } = options;
  const shipped = await Promise.all(builtIn.map((folder) => readVersionFolder(folder, true)));
  const cache = new ModelCache({ folder: join(cacheFolder, 'versions'), maxBytes: cacheBytes });
  return remoteRegistry({
    place: await openPlace(location, options),
    cache,
    builtIn: shipped.filter((found) => found !== undefined),
    trusted,
  });
}

async function openPlace(location: string, { openStore, openWandb }: RegistryAtOptions): Promise<RemotePlace> {
  if (location.startsWith('s3://')) return objectPlace(await openStore(location));
  const [, entity, project] = /^wandb:\/\/([^/]+)\/([^/]+)\/?$/.exec(location) ?? [];
  if (entity === undefined || project === undefined)
    throw new RookeryError('REFERENCE_INVALID', {
      detail: `${location}: registries are folders, s3://bucket/prefix or wandb://entity/project`,
    });
  const [{ WandbClient }, { wandbPlace }] = await Promise.all([
    import('../wandb/wandb-client.ts'),
    import('../wandb/wandb-place.ts'),
  ]);
  return wandbPlace(new WandbClient(await openWandb()), entity, project);
}
