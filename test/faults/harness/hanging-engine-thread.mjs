// The engine's thread, but each hangs for good at its fortieth picture.
import { workerData } from 'node:worker_threads';

let pictures = 0;
workerData.peer.on('message', ({ type }) => {
  if (type === 'resized' && ++pictures === 40) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
await import(new URL('../../../packages/inference/dist/engine-thread.js', import.meta.url));
