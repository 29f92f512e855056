import { parentPort } from 'node:worker_threads';
import type { EngineThread } from './engine/engine-thread.ts';
import type { DecodersBusy, EngineData, EngineRequest, ResizedPicture } from './messages.ts';
import { enterThread } from './thread-entry.ts';

/** Entry of the thread that infers. */
const { part, data, listen, report } = await enterThread<{ EngineThread: typeof EngineThread }, EngineData>(
  async (early) => {
    const code = await import('./engine/engine-thread.ts');
    if (early) await (await import('./engine/warm-runtime.ts')).warmRuntime();
    return code;
  },
);
const engine = new part.EngineThread(data, report);
data.peer.on('message', (message: ResizedPicture | DecodersBusy) => engine.accept(message));
listen((message) => {
  const request = message as EngineRequest;
  if (request.type !== 'stop') {
    engine.told(request);
    return;
  }
  data.peer.close();
  parentPort?.close();
});
void engine.run();
