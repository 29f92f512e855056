import { parentPort, workerData } from 'node:worker_threads';
import { postLines } from './remote/post-lines.ts';
import type { FromThread, RemoteLogOptions, ToThread } from './remote/remote-options.ts';

/** What goes into one request. */
const batchBytes = 512 << 10;
/** How long lines may wait for company. */
const gatherMs = 200;

/** The entry of the thread that posts log lines: whatever the server does, the threads that log know nothing of it. */
const options = workerData as RemoteLogOptions;
const tell = (message: FromThread): void => parentPort?.postMessage(message);
const waiting: string[] = [];
let ending = false;
let isWorking = false;
let wake = (): void => {};

parentPort?.on('message', (message: ToThread) => {
  if ('end' in message) ending = true;
  else waiting.push(...message.lines);
  wake();
  if (isWorking) return;
  isWorking = true;
  void work().finally(() => {
    isWorking = false;
  });
});

async function work(): Promise<void> {
  while (waiting.length > 0) {
    await company();
    const lines = take();
    const taken = await postLines(lines, options, (why) => tell({ down: why }));
    const sizeBytes = lines.reduce((sum, line) => sum + line.length, 0);
    tell({ done: { sizeBytes, sent: taken ? lines.length : 0, refused: taken ? 0 : lines.length } });
  }
  if (ending) tell({ ended: true });
}

/** Resolves when as much waits as goes into a request, after a moment, or at the end. */
async function company(): Promise<void> {
  if (ending) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, gatherMs);
    wake = () => {
      if (!ending && waiting.length < 1000) return;
      clearTimeout(timer);
      resolve();
    };
  });
  wake = () => {};
}

function take(): string[] {
  let count = 0;
  for (let size = 0; count < waiting.length; count++) {
    size += waiting[count]?.length ?? 0;
    if (size > batchBytes && count > 0) break;
  }
  return waiting.splice(0, count);
}
