/**
 * Chunks that free what they hold when they end, fail or are given up, also by `return()` before the first one, which a generator's own
 * `finally` would not see.
 */
export function closingIterable(
  chunks: AsyncGenerator<Uint8Array>,
  close: () => Promise<void>,
): AsyncIterableIterator<Uint8Array> {
  let closed: Promise<void> | undefined;
  const closeOnce = () => {
    closed ??= close();
    return closed;
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (closed) return { done: true, value: undefined };
      try {
        const result = await chunks.next();
        if (result.done) await closeOnce();
        return result;
      } catch (error) {
        await closeOnce();
        throw error;
      }
    },
    async return() {
      await closeOnce();
      return { done: true, value: undefined };
    },
  };
}
