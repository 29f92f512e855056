import type { EarlyThreads } from '@rookery/inference';
import type { Environment } from './config/environment.ts';

/** What a run touches of the world; tests pass their own. */
export interface Host {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Environment;
  readonly cwd: string;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Calls the function at each SIGHUP until it is disposed of. Without it, the signal ends the process as usual. */
  readonly onHangup?: ((handler: () => void) => Disposable) | undefined;
  /** Threads of a classifier that were started before the command line was read. */
  readonly early?: EarlyThreads | undefined;
}
