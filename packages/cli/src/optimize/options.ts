import type { RegistryOptions } from '../commands/registry-options.ts';

/** Flags that every `rookery optimize` command takes. */
export interface OptimizeOptions extends RegistryOptions {
  readonly from?: string;
  readonly calibrate?: readonly string[];
  readonly check?: readonly string[];
  readonly recursive?: boolean;
  readonly as?: string;
  readonly default?: boolean;
  readonly alias?: string | undefined;
  readonly report?: string;
  readonly threads?: string;
  readonly seconds?: string;
  readonly json?: boolean;
}
