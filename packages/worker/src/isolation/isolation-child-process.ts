import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { RookeryError, type ServingModel } from '@rookery/contracts';
import type { Classification } from '@rookery/inference';
import type { FromChild, IsolatedClassifierOptions, ToChild } from './isolation-protocol.ts';

/** The child process ended, hung or lost its engine while it held this picture. Not yet whose fault it was. */
export class ChildDied extends Error {
  override readonly name = 'ChildDied';
  /** Whether the child had started on the picture. */
  readonly begun: boolean;

  constructor(how: string, begun: boolean) {
    super(how);
    this.begun = begun;
  }
}

export interface IsolationChildOptions {
  /** The module of the child process. */
  readonly entry: URL;
  /** Called when it ended by itself, or hung: how, and the end of what it wrote to its standard error. */
  readonly onDeath: (how: string, said: string) => void;
}

interface Asked {
  begun: boolean;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (classification: Classification) => void;
  readonly reject: (reason: Error) => void;
}

const closed = 'closed';
/** Kept of the standard error of a child. */
const saidChars = 4_000;

/** How long loading a model may take. */
const openMs = 120_000;

/** A classifier in a process of its own. When one picture ends it, all that it holds are rejected with `ChildDied`. */
export class IsolationChildProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #asked = new Map<number, Asked>();
  readonly #exited: Promise<unknown>;
  #nextId = 0;
  #dead: string | undefined;
  /** The end of what the child wrote to its standard error: the stack of a crash. */
  #said = '';

  private constructor({ entry, onDeath }: IsolationChildOptions) {
    // No flags of ours: a debugger's port cannot be shared.
    this.#process = fork(entry, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#exited = once(this.#process, 'exit').catch(() => undefined);
    this.#process.on('message', (message: FromChild) => this.#hear(message));
    this.#process.on('error', (err) => this.#die(err.message));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-saidChars);
    });
    this.#process.on('close', () => {
      if (this.#dead !== closed) onDeath(this.#dead ?? '', this.#said);
    });
    this.#process.on('exit', (code, signal) => this.#die(signal ? `ended by ${signal}` : `ended with ${code}`));
  }

  /** @throws {RookeryError} ENGINE_FAILED, or what opening the classifier threw. */
  static async start(
    options: IsolationChildOptions,
    model: ServingModel,
    how: IsolatedClassifierOptions,
  ): Promise<IsolationChildProcess> {
    const child = new IsolationChildProcess(options);
    try {
      await child.#open(model, how);
      return child;
    } catch (thrown) {
      await child[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  get alive(): boolean {
    return this.#dead === undefined;
  }

  async #open(model: ServingModel, options: IsolatedClassifierOptions): Promise<void> {
    const answered = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new RookeryError('ENGINE_FAILED', { detail: 'the model did not load' })),
        openMs,
      );
      const settle = (error?: RookeryError): void => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      };
      this.#process.on('message', (message: FromChild) => {
        if (message.kind === 'ready') settle();
        if (message.kind === 'unopened') settle(new RookeryError(message.code, { detail: message.detail }));
      });
      this.#process.once('exit', () =>
        settle(new RookeryError('ENGINE_FAILED', { detail: `isolated: ${this.#dead}` })),
      );
      this.#process.once('error', (cause) => settle(new RookeryError('ENGINE_FAILED', { cause })));
    });
    this.#send({ kind: 'open', model, options });
    await answered;
  }

  /** @throws {ChildDied}; {RookeryError} what the classifier threw. */
  classify(bytes: Uint8Array<ArrayBuffer>, top: number, timeoutMs: number): Promise<Classification> {
    if (this.#dead !== undefined) return Promise.reject(new ChildDied(this.#dead, false));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#die(`a picture took longer than ${timeoutMs} ms`), timeoutMs);
      this.#asked.set(id, { begun: false, timer, resolve, reject });
      this.#send({ kind: 'classify', id, bytes, top });
    });
  }

  #send(message: ToChild): void {
    // A failure to send is an exit that has not been noticed yet.
    this.#process.send(message, (failure) => failure && this.#die(failure.message));
  }

  #hear(message: FromChild): void {
    if (message.kind === 'ready' || message.kind === 'unopened') return;
    const asked = this.#asked.get(message.id);
    if (asked === undefined) return;
    if (message.kind === 'begun') {
      asked.begun = true;
      return;
    }
    // The engine's thread is replaced inside the child, but who broke it is not known: as good as an end.
    if (message.kind === 'failed' && message.code === 'ENGINE_FAILED') {
      this.#die(message.detail);
      return;
    }
    this.#asked.delete(message.id);
    clearTimeout(asked.timer);
    if (message.kind === 'labelled') asked.resolve(message.classification);
    else asked.reject(new RookeryError(message.code, { detail: message.detail }));
  }

  #die(how: string): void {
    if (this.#dead !== undefined) return;
    this.#dead = how;
    this.#process.kill('SIGKILL');
    for (const { begun, timer, reject } of this.#asked.values()) {
      clearTimeout(timer);
      reject(new ChildDied(how, begun));
    }
    this.#asked.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#die(closed);
    if (this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null) {
      await this.#exited;
    }
  }
}
