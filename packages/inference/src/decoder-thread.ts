import type { DecoderThread } from './decode/thread/decoder-thread.ts';
import type { DecoderData, DecoderRequest, FreedSlots } from './messages.ts';
import { enterThread } from './thread-entry.ts';

/** Entry of the thread that decodes and resizes. */
const { part, data, listen, report } = await enterThread<{ DecoderThread: typeof DecoderThread }, DecoderData>(
  async (early) => {
    const code = await import('./decode/thread/decoder-thread.ts');
    if (early) (await import('./decode/jpeg/turbo-jpeg.ts')).turboJpeg();
    return code;
  },
);
const decoder = new part.DecoderThread(data, report);
data.peer.on('message', (message: FreedSlots) => decoder.free(message.slots));
listen((request) => decoder.accept(request as DecoderRequest));
