import { stat } from 'node:fs/promises';
import { RookeryError } from '@rookery/contracts';
import { JobLedger, newestJobs } from '@rookery/jobs';
import { parseLocation } from '@rookery/storage';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { noticesOf, openStoreOf } from '../store.ts';
import { storeLocation } from './parse-place.ts';

/** Flags of every `rookery jobs` command. */
export interface JobsOptions {
  readonly store?: string;
  readonly s3Endpoint?: string;
  readonly queue?: string;
  readonly queueName?: string;
  readonly json?: boolean;
}

export interface OpenedLedger extends AsyncDisposable {
  readonly config: Config;
  readonly ledger: JobLedger;
}

export async function openLedger(options: JobsOptions, context: CommandContext): Promise<OpenedLedger> {
  const config = await context.config({
    store: { location: options.store, s3Endpoint: options.s3Endpoint },
    queue: { address: options.queue, name: options.queueName },
  });
  const location = storeLocation(config.store.location, context.cwd);
  if (config.origins.get('store.location') !== 'default') await mustBeThere(location);
  const store = await openStoreOf(location, config, noticesOf(context));
  return { config, ledger: new JobLedger(store), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

/** The first job makes its folder, so a folder that is not there is most likely a slip. A bucket that is not there reports it itself. */
async function mustBeThere(location: string): Promise<void> {
  const place = parseLocation(location);
  if (place.kind === 's3') return;
  const found = await stat(place.folder).catch(() => undefined);
  const what = found ? ': this is no folder' : '';
  if (!found?.isDirectory()) throw new RookeryError('STORE_NOT_FOUND', { detail: `${place.folder}${what}` });
}

/** The job that is meant: `latest` is the newest, unless one is called so. @throws {RookeryError} JOB_NOT_FOUND */
export async function jobNamed(ledger: JobLedger, name: string, signal: AbortSignal): Promise<string> {
  if (name !== 'latest' || (await ledger.find(name, signal))) return name;
  const { jobs } = await newestJobs(ledger, { limit: 1, signal });
  if (!jobs[0]) throw new RookeryError('JOB_NOT_FOUND', { detail: 'there are no jobs' });
  return jobs[0].id;
}
