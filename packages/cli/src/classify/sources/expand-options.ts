import type { Config } from '../../config.ts';
import type { Source } from '../picture.ts';

export interface ExpandOptions {
  readonly cwd: string;
  readonly recursive: boolean;
  readonly stdin: NodeJS.ReadableStream;
  readonly config: Config;
  readonly signal: AbortSignal;
  /** Told what a person should know, such as a folder without pictures. */
  readonly notice: (text: string) => void;
}

/** Reading it throws its error, in its place among the others. */
export const failedSource = (name: string, error: Error): Source => ({ name, read: () => Promise.reject(error) });
