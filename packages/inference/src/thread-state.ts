/**
 * A few words of memory that a thread shares with whoever started it. ONNX Runtime's addon ends the process when its thread is torn
 * down while it computes (it throws into an environment that is no longer there), so nobody may terminate the thread, or leave the
 * process, in that moment: the thread says when it computes, and is told not to begin again.
 */
const stop = 0;
const computing = 1;

/** @param begun `computing` for a thread that is going to load native libraries as soon as it starts. */
export function newThreadState(begun: 'idle' | 'computing' = 'idle'): Int32Array<SharedArrayBuffer> {
  const state = new Int32Array(new SharedArrayBuffer(8));
  state[computing] = begun === 'computing' ? 1 : 0;
  return state;
}

/** For a thread that ended without saying so. */
export function gone(state: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(state, computing, 0);
  Atomics.notify(state, computing);
}

/** Runs native work in the thread. Resolves to `undefined` without having begun where the thread has to stop. */
export async function compute<T>(state: Int32Array<SharedArrayBuffer>, work: () => Promise<T>): Promise<T | undefined> {
  Atomics.store(state, computing, 1);
  try {
    return Atomics.load(state, stop) === 1 ? undefined : await work();
  } finally {
    Atomics.store(state, computing, 0);
    Atomics.notify(state, computing);
  }
}

/** Tells the thread to begin nothing new. */
export const forbid = (state: Int32Array<SharedArrayBuffer>): void => void Atomics.store(state, stop, 1);

export const isComputing = (state: Int32Array<SharedArrayBuffer>): boolean => Atomics.load(state, computing) === 1;

/** Blocks until the thread computes nothing, for at most `timeoutMs`. For the last moments of a process. */
export const waitUntilIdle = (state: Int32Array<SharedArrayBuffer>, timeoutMs: number): void =>
  void Atomics.wait(state, computing, 1, timeoutMs);
