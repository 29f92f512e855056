import type { ServingModel } from '@rookery/contracts';
import type { Config } from '../config.ts';

/** The model, decoding pictures as is configured; where nothing is, as its manifest says. Jobs made with it are pinned to that. */
export const decodedAs = (model: ServingModel, { classify: { decode } }: Config): ServingModel =>
  decode === undefined ? model : { ...model, decode };
