import { asRookeryError } from '@rookery/contracts';

/** Reads something of a registry. What fails without a code of its own is SOURCE_UNREADABLE. */
export async function readingRegistry<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw asRookeryError(error, 'SOURCE_UNREADABLE');
  }
}
