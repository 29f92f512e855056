import { join } from 'node:path';
import type { Pin, ServingModel } from '@rookery/contracts';
import { choosePin } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import { decodedAs } from '../classify/decoded-as.ts';
import type { Config } from '../config.ts';
import { engineOptions } from './engine-options.ts';

/** What this machine's services and workers measured. It is kept beside the registry, which outlives a container, unlike the cache. */
export const tuningFolder = ({ models }: Config): string => join(models.folder, '.tuning');

/** The pin of work that is made here, run as configured: for `auto` the engines are measured where there is a choice, and the pin names the winner. */
export function pinnedAs(model: ServingModel, config: Config, log?: Logger): Promise<Pin> {
  const { maxPixels, threads, batch } = config.classify;
  const tuned = { tuning: 'measure', tuningCache: tuningFolder(config), log } as const;
  return choosePin(decodedAs(model, config), { ...engineOptions(config), threads, batch, maxPixels, ...tuned });
}
