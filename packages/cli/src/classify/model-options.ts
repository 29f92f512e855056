import type { Config } from '../config.ts';

export interface ModelOptions {
  readonly config: Config;
  /** Of a model file. */
  readonly labels: string | undefined;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Told what was guessed about a model file. */
  readonly notice: (text: string) => void;
}
