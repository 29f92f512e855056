import { existsSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const troubles = {
  dies: () => process.exit(1),
  throws: () => {
    throw new Error('as planned');
  },
  // In JavaScript: it can be ended.
  hangs: () => sleep(),
  // As if in native code, which must be left alone until it comes back.
  computes: () => {
    Atomics.store(workerData.state, 1, 1);
    sleep(5000);
    Atomics.store(workerData.state, 1, 0);
  },
};

/**
 * Runs a thread of the package that gets into trouble with its first picture, once: `marker` is a file that says that it was. With
 * `always` it does so each time.
 */
export async function runTroubled({ entry, trouble, marker, always }) {
  process.on('exit', () => writeFileSync(`${marker}.${performance.timeOrigin}.ended`, ''));
  const pictures = entry === 'engine-thread' ? workerData.peer : parentPort;
  const on = pictures.on.bind(pictures);
  // Ahead of the thread's own listener, which is to come: one of ours would take messages from it.
  pictures.on = (event, listener) =>
    on(event, (message) => {
      const isPicture = message?.type === 'resized' || message?.type === 'picture';
      if (isPicture && (always || !existsSync(marker))) {
        writeFileSync(marker, '');
        troubles[trouble]();
      }
      listener(message);
    });
  await import(`../../dist/${entry}.js`);
}
