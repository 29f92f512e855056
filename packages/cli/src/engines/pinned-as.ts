import { join } from 'node:path';
import type { Pin, ServingModel } from '@rookery/contracts';
import { choosePin } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import { decodedAs } from '../classify/decoded-as.ts';
import type { Config } from '../config.ts';
import { engineOptions } from './engine-options.ts';

/** What this machine's services and workers measured. Beside the registry, which outlives a container: its cache does not. */
export const tuningFolder = ({ models }: Config): string => join(models.folder, '.tuning');

/** What work that is made here is pinned to, run as is configured: `auto` is measured where there is a choice, and then stands in it. */
export function pinnedAs(model: ServingModel, config: Config, log?: Logger): Promise<Pin> {
  const { maxPixels, threads, batch } = config.classify;
  const tuned = { tuning: 'measure', tuningCache: tuningFolder(config), log } as const;
  return choosePin(decodedAs(model, config), { ...engineOptions(config), threads, batch, maxPixels, ...tuned });
}
