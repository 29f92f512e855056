import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import process from 'node:process';
import { defaultModelsFolder } from '@rookery/models';
import type { Environment } from './environment.ts';
import { bytes, duration, optional, text } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** The registry and which model is meant. */
export const models = {
  /** The registry's folder. */
  folder: setting(text, {
    env: ['ROOKERY_MODELS'],
    flag: '--models',
    default: (env) => defaultModelsFolder(env, process.platform, env.HOME || homedir()),
  }),
  /** The registry models are read from and added to, where it is not that folder: another folder, `s3://bucket/prefix` or `wandb://entity/project`. */
  registry: setting(optional(text), { env: ['ROOKERY_REGISTRY'], flag: '--registry', default: undefined }),
  /** A file of public ed25519 keys (PEM): only models that one of them has signed are loaded. */
  requireSigned: setting(optional(text), {
    env: ['ROOKERY_REQUIRE_SIGNED'],
    flag: '--require-signed',
    default: undefined,
  }),
  /** What models of a registry elsewhere may take in the cache, all together; the least recently used leave. */
  cacheSize: setting(bytes(0), { env: ['ROOKERY_MODEL_CACHE_SIZE'], default: 20_000_000_000 }),
  /** Who changes an alias, for its history. */
  by: setting(optional(text), { env: ['USER', 'USERNAME'], flag: '--by', default: undefined }),
  /** A reference: `name`, `name:alias`, `name@version`. */
  model: setting(text, { env: ['ROOKERY_MODEL'], flag: '--model', default: 'content' }),
  /** How often `rookery ingest` asks what the reference means now. */
  pollMs: setting(duration(100), { env: ['ROOKERY_MODEL_POLL'], default: 10_000 }),
  /** Where the catalogue's files are fetched from instead of their own addresses. */
  catalogMirror: setting(optional(text), { env: ['ROOKERY_CATALOG_MIRROR'], default: undefined }),
  /** Where `rookery engines install` puts engines. */
  engines: setting(text, {
    env: ['ROOKERY_ENGINES'],
    default: (env) => join(defaultModelsFolder(env, process.platform, env.HOME || homedir()), '..', 'engines'),
  }),
  /** What can be made again: models of a registry elsewhere, imported model files, measurements of this machine. */
  cache: setting(text, { env: ['ROOKERY_CACHE'], default: cacheFolder }),
} satisfies Section;

/** The user's cache folder, by the XDG base directory specification. */
function cacheFolder(env: Environment): string {
  const { XDG_CACHE_HOME: given } = env;
  return join(given && isAbsolute(given) ? given : join(env.HOME || homedir(), '.cache'), 'rookery');
}
