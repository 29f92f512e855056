import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';
import { optional, text } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** The registry and which model is meant. */
export const models = {
  /** The registry's folder. */
  folder: setting(text, { env: ['ROOKERY_MODELS'], flag: '--models', default: dataFolder }),
  /** A reference: `name`, `name:alias`, `name@version`. */
  model: setting(text, { env: ['ROOKERY_MODEL'], flag: '--model', default: 'content' }),
  /** Where the catalogue's files are fetched from instead of their own addresses. */
  catalogMirror: setting(optional(text), { env: ['ROOKERY_CATALOG_MIRROR'], default: undefined }),
} satisfies Section;

/** The user's data folder, by the XDG base directory specification. */
function dataFolder(env: Environment): string {
  return join(env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local', 'share'), 'rookery', 'models');
}
