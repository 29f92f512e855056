import type { KeyObject } from 'node:crypto';
import type { RegistryStore } from './remote/registry-store.ts';
import type { WandbOptions } from './wandb/wandb-client.ts';

export interface RegistryAtOptions {
  /** Where files of registries elsewhere are kept on this machine. */
  readonly cacheFolder: string;
  /** What they may take together. Bytes. */
  readonly cacheBytes: number;
  /** Opens the store of an `s3://` address when it is first needed. */
  readonly openStore: (location: string) => Promise<RegistryStore>;
  /** How a server of Weights & Biases is asked, for `wandb://` addresses; called when one is first needed. */
  readonly openWandb: () => Promise<WandbOptions>;
  /** Folders of versions that are there without having been added; the starter where nothing is said. */
  readonly builtIn?: readonly string[] | undefined;
  readonly trusted?: readonly KeyObject[] | undefined;
}
