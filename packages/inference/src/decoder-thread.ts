import { parentPort, workerData } from 'node:worker_threads';
import { DecoderThread } from './decode/decoder-thread.ts';
import type { DecoderData, DecoderRequest, FreedSlots, ThreadReport } from './messages.ts';

/** Entry of the thread that decodes and resizes. */
if (!parentPort) throw new Error('this file is the entry of a thread');
const main = parentPort;
const data = workerData as DecoderData;
const decoder = new DecoderThread(data, (report: ThreadReport) => main.postMessage(report));
main.on('message', (request: DecoderRequest) => decoder.accept(request));
data.peer.on('message', (message: FreedSlots) => decoder.free(message.slots));
