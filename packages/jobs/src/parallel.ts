/**
 * Maps in order with up to `concurrency` calls under way; memory is bounded by that, however long the input. Leaving early waits for
 * what is under way, so that nothing runs on behind the caller's back.
 */
export async function* mapInOrder<In, Out>(
  inputs: Iterable<In> | AsyncIterable<In>,
  concurrency: number,
  map: (input: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const underWay: Promise<Out>[] = [];
  try {
    for await (const input of inputs) {
      const result = map(input);
      // Its rejection is seen when its turn comes; until then it must not count as unhandled.
      result.catch(() => {});
      underWay.push(result);
      if (underWay.length >= concurrency) yield await (underWay.shift() as Promise<Out>);
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<Out>);
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** Calls for each input, up to `concurrency` at a time. The first failure stops starting more and is thrown once all have ended. */
export async function forEachParallel<In>(
  inputs: Iterable<In>,
  concurrency: number,
  call: (input: In) => Promise<unknown>,
): Promise<void> {
  for await (const _ of mapInOrder(inputs, concurrency, call));
}
