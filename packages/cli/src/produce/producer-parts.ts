import type { Pin } from '@rookery/contracts';
import { JobLedger } from '@rookery/jobs';
import { meantFor, type Registry } from '@rookery/models';
import { type Buckets, createBuckets, type ObjectStore, type StoreLog } from '@rookery/storage';
import type { Logger } from '@rookery/telemetry';
import type { RegistryOptions } from '../commands/registry-options.ts';
import type { Config, ConfigFlags } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { pinnedAs } from '../engines/pinned-as.ts';
import { openRegistryOf, registryFlags } from '../registry.ts';
import { noticesOf, openStoreOf, s3OptionsOf } from '../store.ts';
import { EventPins } from './event-pins.ts';
import { storeLocation } from './parse-place.ts';

/** Flags that the commands of producers have in common. */
export interface ProducerOptions extends RegistryOptions {
  readonly model?: string;
  readonly variant?: string;
  readonly decode?: string;
  readonly top?: string;
  readonly suffixes?: string;
  readonly window?: string;
  readonly queue?: string;
  readonly queueName?: string;
  readonly store?: string;
  readonly sources?: string;
  readonly s3Endpoint?: string;
}

export const producerFlags = (options: ProducerOptions): ConfigFlags => ({
  models: { ...registryFlags(options), model: options.model },
  classify: { top: options.top, variant: options.variant, decode: options.decode },
  producer: { suffixes: options.suffixes, window: options.window },
  queue: { address: options.queue, name: options.queueName },
  store: { location: options.store, sources: options.sources, s3Endpoint: options.s3Endpoint },
});

/** Rookery's store and the buckets that may be read. */
export interface Places extends AsyncDisposable {
  readonly store: ObjectStore;
  readonly ledger: JobLedger;
  readonly buckets: Buckets;
}

/** `named`: buckets and folders that the command line itself names, and so allows. */
export async function openPlaces(
  config: Config,
  context: CommandContext,
  named: readonly string[] = [],
  log: StoreLog = noticesOf(context),
): Promise<Places> {
  const store = await openStoreOf(storeLocation(config.store.location, context.cwd), config, log);
  const buckets = createBuckets({ allow: [...config.store.sources, ...named], s3: s3OptionsOf(config, log) });
  return {
    store,
    ledger: new JobLedger(store),
    buckets,
    async [Symbol.asyncDispose]() {
      await buckets[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/**
 * What the configured model is pinned to: every line of the job is made by exactly this. `job`: its id, which may fall to the model's canary.
 */
export async function openPin(config: Config, cwd: string, job?: string): Promise<Pin> {
  await using registry = await openRegistryOf(config, cwd);
  const { model } = config.models;
  return pinFrom(registry, job === undefined ? model : await meantFor(registry, model, job), config);
}

/** What pictures without a job are labelled with: the configured reference, which is followed. The registry stays the caller's. */
export const openEventPins = (registry: Registry, config: Config, log: Logger): Promise<EventPins> =>
  EventPins.open({
    registry,
    reference: config.models.model,
    pinOf: (reference) => pinFrom(registry, reference, config, log),
    pollMs: config.models.pollMs,
    log,
  });

/** The pin of a model of an open registry, run as configured. */
export async function pinFrom(registry: Registry, reference: string, config: Config, log?: Logger): Promise<Pin> {
  return pinnedAs(await registry.load(reference, { variant: config.classify.variant }), config, log);
}
