import { api } from './config/api.ts';
import { classify } from './config/classify.ts';
import type { Environment } from './config/environment.ts';
import { readConfigFile } from './config/file.ts';
import { fleet } from './config/fleet.ts';
import { log } from './config/log.ts';
import { models } from './config/models.ts';
import { monitor } from './config/monitor.ts';
import { producer } from './config/producer.ts';
import { queue } from './config/queue.ts';
import { type Origin, resolveSection } from './config/resolve.ts';
import type { Section, ValuesOf } from './config/setting.ts';
import { store } from './config/store.ts';
import { traces } from './config/traces.ts';
import { tracker } from './config/tracker.ts';
import { wandb } from './config/wandb.ts';
import { worker } from './config/worker.ts';

/** One file each in `config/`. */
export const sections = {
  models,
  classify,
  store,
  queue,
  producer,
  worker,
  fleet,
  api,
  monitor,
  tracker,
  wandb,
  log,
  traces,
} as const;
type Sections = typeof sections;
export type SectionName = keyof Sections;

/** Every value in force, typed and checked. */
export type Config = { readonly [Name in SectionName]: ValuesOf<Sections[Name]> } & {
  /** Where each `section.key` came from. */
  readonly origins: ReadonlyMap<string, Origin>;
};

/** What the command line sets; `undefined` sets nothing. Values as the flags gave them: they are parsed and checked. */
export type ConfigFlags = { readonly [Name in SectionName]?: { readonly [Key in keyof Sections[Name]]?: unknown } };

export interface ConfigSources {
  readonly env: Environment;
  readonly cwd: string;
  /** Given by --config: must exist. */
  readonly file: string | undefined;
  readonly flags: ConfigFlags;
}

/** Flags over environment over file over defaults. @throws CONFIG_INVALID naming the value, what it got and what is allowed. */
export async function loadConfig({ env, cwd, file, flags }: ConfigSources): Promise<Config> {
  const fromFile = await readConfigFile(file ?? env.ROOKERY_CONFIG, cwd, sections);
  const origins = new Map<string, Origin>();
  const resolve = <S extends Section>(name: SectionName, section: S): ValuesOf<S> =>
    resolveSection({ name, section, flags: flags[name] ?? {}, env, file: fromFile, origins });
  return {
    models: resolve('models', models),
    classify: resolve('classify', classify),
    store: resolve('store', store),
    queue: resolve('queue', queue),
    producer: resolve('producer', producer),
    worker: resolve('worker', worker),
    fleet: resolve('fleet', fleet),
    api: resolve('api', api),
    monitor: resolve('monitor', monitor),
    tracker: resolve('tracker', tracker),
    wandb: resolve('wandb', wandb),
    log: resolve('log', log),
    traces: resolve('traces', traces),
    origins,
  };
}
