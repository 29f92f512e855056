import { Option } from 'commander';

/** Flags that say which registry is meant, as the command line gives them. */
export interface RegistryOptions {
  readonly models?: string | undefined;
  readonly registry?: string | undefined;
  readonly requireSigned?: string | undefined;
}

export const registryOption = (): Option =>
  new Option(
    '--registry <place>',
    'or a registry elsewhere: s3://bucket/prefix, wandb://entity/project, another folder',
  );

export const requireSignedOption = (): Option =>
  new Option('--require-signed <file>', 'load only models signed by one of these public keys');
