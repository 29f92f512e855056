import type { Digest, Pin, ServingModel } from '@rookery/contracts';
import { asPinned } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import { IsolationChildProcess } from './isolation-child-process.ts';
import type { IsolatedClassifierOptions } from './isolation-protocol.ts';

/** How long an idle child keeps its model. */
const idleMs = 30_000;

export interface WarmChildOptions {
  /** The child process' module. */
  readonly childEntry: URL;
  readonly classifier: IsolatedClassifierOptions;
  readonly log: Logger;
  /** Called whenever a child ends by itself, or hangs. */
  readonly onDeath: () => void;
}

/** What a child is to hold. */
export interface IsolatedModel {
  readonly pin: Pin;
  /** Its digest. */
  readonly model: Digest;
  readonly load: () => Promise<ServingModel>;
}

/** The one child process of a worker, with its model; it is started anew when it has died or another model is wanted. */
export class WarmChild implements AsyncDisposable {
  readonly #options: WarmChildOptions;
  #child: { readonly process: IsolationChildProcess; readonly model: Digest } | undefined;
  #starting: Promise<IsolationChildProcess> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: WarmChildOptions) {
    this.#options = options;
  }

  /** Keeps the child until the use is over and for a while after it; when the signal fires, the child ends at once. */
  use(signal: AbortSignal): Disposable {
    clearTimeout(this.#idle);
    const end = (): void => void this.#close();
    signal.addEventListener('abort', end, { once: true });
    return {
      [Symbol.dispose]: () => {
        signal.removeEventListener('abort', end);
        this.#idle = setTimeout(end, idleMs).unref();
      },
    };
  }

  /** The living child with this model; all who ask at the same time get the same. */
  ready(wanted: IsolatedModel): Promise<IsolationChildProcess> {
    this.#starting ??= this.#start(wanted).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start({ model, load, pin }: IsolatedModel): Promise<IsolationChildProcess> {
    if (this.#child?.process.alive && this.#child.model === model) return this.#child.process;
    await this.#close();
    const { childEntry, classifier, log } = this.#options;
    const onDeath = (how: string, said: string): void => {
      this.#options.onDeath();
      log.warn({ how, said }, 'an isolated process died');
    };
    const options = { entry: childEntry, onDeath };
    const process = await IsolationChildProcess.start(options, await load(), asPinned(classifier, pin));
    this.#child = { process, model };
    return process;
  }

  async #close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await child?.process[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await this.#starting?.catch(() => undefined);
    await this.#close();
  }
}
