import type { ModelsOptions } from './models-registry.ts';

/** As the command line gives them. */
export interface AddOptions extends ModelsOptions {
  readonly name?: string;
  readonly labels?: string;
  readonly alias?: string;
  readonly licence?: string;
  readonly width?: string;
  readonly height?: string;
  readonly resize?: string;
  readonly kernel?: string;
  readonly layout?: string;
  readonly channels?: string;
  readonly range?: string;
  readonly scale?: string;
  readonly mean?: string;
  readonly std?: string;
  readonly activation?: string;
  readonly outputName?: string;
  readonly defaultVariant?: string;
}
