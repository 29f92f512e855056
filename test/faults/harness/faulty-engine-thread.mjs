// The engine's thread, but each dies or hangs for good at its fortieth picture.
import process from 'node:process';
import { workerData } from 'node:worker_threads';

const troubles = {
  dies: () => process.exit(1),
  hangs: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};
let pictures = 0;
workerData.peer.on('message', ({ type }) => {
  if (type === 'resized' && ++pictures === 40) troubles[process.env.ENGINE_TROUBLE]();
});
await import(new URL('../../../packages/inference/dist/engine-thread.js', import.meta.url));
