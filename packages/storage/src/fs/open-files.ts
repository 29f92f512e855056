import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from './fs-errors.ts';

/**
 * Runs what opens files, and waits while the process or the machine has no file handle left: they come back as others finish. Gives
 * up after half a minute.
 */
export async function whenFilesAreFree<T>(operation: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0, delayMs = 2; ; waitedMs += delayMs, delayMs = Math.min(delayMs * 2, 100)) {
    try {
      return await operation();
    } catch (error) {
      const errno = errnoOf(error);
      if ((errno !== 'EMFILE' && errno !== 'ENFILE') || waitedMs > 30_000) throw error;
      await sleep(delayMs);
    }
  }
}
