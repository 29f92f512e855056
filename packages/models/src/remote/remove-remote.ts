import { RookeryError } from '@rookery/contracts';
import type { Reference } from '../reference/reference.ts';
import { aliasesNaming } from '../reference/resolve.ts';
import type { RemovedVersion } from '../registry.ts';
import type { RemotePlace } from './place.ts';
import type { RemoteVersions } from './remote-versions.ts';

interface Registered {
  readonly place: RemotePlace;
  readonly versions: RemoteVersions;
}

/** Takes a version, and with `force` the aliases that name it, out of a place elsewhere. @throws {RookeryError} MODEL_IN_USE, MODEL_NOT_FOUND */
export async function removeRemote(from: Registered, reference: Reference, force: boolean): Promise<RemovedVersion> {
  if (reference.kind !== 'registry')
    throw new RookeryError('REFERENCE_INVALID', { detail: 'only versions of the registry can be removed' });
  const { place, versions } = from;
  const { name } = reference;
  const version = await versionMeant(from, reference);
  const aliases = aliasesNaming(await place.aliases(name), version);
  if (aliases.length > 0 && !force)
    throw new RookeryError('MODEL_IN_USE', {
      detail: `${aliases.map((each) => `${name}:${each}`).join(', ')} names ${version}`,
    });
  for (const each of aliases) await place.removeAlias(name, each);
  versions.forget(name, version);
  await place.remove(name, version);
  return { name, version, aliases };
}

async function versionMeant(
  { place, versions }: Registered,
  reference: Reference & { kind: 'registry' },
): Promise<string> {
  const { name, version, alias } = reference;
  const known = await place.versions(name);
  if (version !== undefined && known.includes(version)) return version;
  if (version === undefined && alias === undefined && known.length > 1)
    throw new RookeryError('REFERENCE_INVALID', {
      detail: `${name} has ${known.length} versions: say which one, as ${name}@${known[0]}`,
    });
  const found = await versions.resolve(reference);
  if (versions.isRemote(found)) return found.manifest.version;
  throw new RookeryError('MODEL_IN_USE', { detail: `${name}@${found.manifest.version} ships with Rookery` });
}
