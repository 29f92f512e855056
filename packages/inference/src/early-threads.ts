import { Worker } from 'node:worker_threads';
import { noTelemetry } from './no-telemetry.ts';
import { forbid, gone, newThreadState, waitUntilIdle } from './thread-state.ts';

/** A thread that loads its libraries while its model is still being read. */
export interface EarlyThread {
  readonly thread: Worker;
  readonly state: Int32Array<SharedArrayBuffer>;
  /** What ended it before it was given a model. */
  failure?: unknown;
}

/** Both threads of a classifier to come: hand them to `openClassifier` as `early`. */
export interface EarlyThreads {
  readonly decoder: EarlyThread;
  readonly engine: EarlyThread;
}

/** What an early thread is started with; its `ThreadData` is its first message. */
export interface EarlyData {
  readonly early: true;
  readonly state: Int32Array<SharedArrayBuffer>;
}

/**
 * Starts the threads of a classifier before its model is known: for a command, which would otherwise read and verify the model first
 * and load libvips and ONNX Runtime then. Nothing is waited for.
 */
export function startThreadsEarly(): EarlyThreads {
  // What takes longer goes first.
  const engine = start(new URL('../dist/engine-thread.js', import.meta.url));
  const decoder = start(new URL('../dist/decoder-thread.js', import.meta.url));
  // A process that ends first, say for a wrong option, must not tear a thread down inside of a library that is being loaded.
  process.once('exit', () => {
    for (const { state } of [decoder, engine]) forbid(state);
    for (const { state } of [decoder, engine]) waitUntilIdle(state, 5_000);
  });
  return { decoder, engine };
}

function start(entry: URL): EarlyThread {
  noTelemetry();
  const state = newThreadState('computing');
  const thread = new Worker(entry, { workerData: { early: true, state } satisfies EarlyData, execArgv: [] });
  const early: EarlyThread = { thread, state };
  const failed = (cause: unknown) => {
    early.failure ??= cause;
    gone(state);
  };
  thread.on('error', failed);
  thread.on('exit', (code) => failed(new Error(`the thread ended with ${code}`)));
  return early;
}
