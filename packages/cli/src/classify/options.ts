import type { RegistryOptions } from '../commands/registry-options.ts';

/** What the command line gave; numbers are checked with the configuration. */
export interface ClassifyCommandOptions extends RegistryOptions {
  readonly recursive?: boolean;
  readonly model?: string;
  readonly labels?: string;
  readonly variant?: string;
  readonly top?: string;
  readonly threshold?: string;
  readonly format: 'table' | 'json' | 'jsonl' | 'csv';
  readonly output?: string;
  readonly saveLabels?: string;
  readonly annotate?: string;
  readonly explain?: string;
  readonly device?: string;
  readonly engine?: string;
  readonly fallback?: boolean;
  readonly threads?: string;
  readonly batch?: string;
  readonly decode?: string;
  readonly maxPixels?: string;
  readonly report?: boolean;
}
