import { parentPort, workerData } from 'node:worker_threads';
import { EngineThread } from './engine/engine-thread.ts';
import type { EngineData, ResizedPicture, ThreadReport } from './messages.ts';

/** Entry of the thread that infers. */
if (!parentPort) throw new Error('this file is the entry of a thread');
const main = parentPort;
const data = workerData as EngineData;
const engine = new EngineThread(data, (report: ThreadReport) => main.postMessage(report));
data.peer.on('message', (picture: ResizedPicture) => engine.accept(picture));
main.on('message', () => {
  data.peer.close();
  main.close();
});
void engine.run();
