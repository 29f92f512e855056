import { asRookeryError, RookeryError, type ServingModel } from '@rookery/contracts';
import type { Classifier, ClassifierOptions } from '@rookery/inference';
import type { FromChild, ToChild } from './isolation-protocol.ts';

/**
 * The child process' side of isolation: classifies what it is sent and names each picture before it starts on it. Ends with the process
 * that started it. `open` makes the classifier.
 */
export function serveIsolation(open: (model: ServingModel, options: ClassifierOptions) => Promise<Classifier>): void {
  let classifier: Classifier | undefined;

  /** Resolves once the message is in the pipe: what dies afterwards has said what it was doing. */
  const tell = (message: FromChild): Promise<void> =>
    new Promise((resolve) => {
      if (process.send === undefined || !process.connected) resolve();
      else process.send(message, undefined, {}, () => resolve());
    });

  const answer = async (message: ToChild): Promise<void> => {
    if (message.kind === 'open') {
      try {
        classifier = await open(message.model, { ...message.options, tuning: 'never' });
        await tell({ kind: 'ready' });
      } catch (thrown) {
        const { code, message: detail } = asRookeryError(thrown);
        await tell({ kind: 'unopened', code, detail });
      }
      return;
    }
    const { id, bytes, top } = message;
    await tell({ kind: 'begun', id });
    try {
      if (classifier === undefined) throw new RookeryError('INTERNAL', { detail: 'classify before open' });
      await tell({ kind: 'labelled', id, classification: await classifier.classify(bytes, { top }) });
    } catch (thrown) {
      const { code, message: detail } = asRookeryError(thrown);
      await tell({ kind: 'failed', id, code, detail });
    }
  };

  process.on('message', (message: ToChild) => void answer(message));
  // A thread that hangs over a picture would hold up an exit.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // A terminal sends its signals to the whole group; when to end is the worker's to say.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
}
