/** How often it is worth a look. */
const lookBytes = 48 * 1024 * 1024;
/** More than that is not left to V8. */
const limitBytes = 96 * 1024 * 1024;

/**
 * Frees decoded pixels in time. They lie outside of V8's heap, which collects them when it sees fit: for ordinary pictures that is soon
 * enough, but two dead ones of the largest size are 300 MB.
 */
export class PixelGarbage {
  #bytes = 0;
  #collect: (() => void) | undefined;

  /** So many bytes of pixels were dropped. Resolves when there is room for others. */
  async add(bytes: number): Promise<void> {
    this.#bytes += bytes;
    if (this.#bytes < lookBytes) return;
    if (process.memoryUsage().external >= limitBytes) await this.collect();
    this.#bytes = 0;
  }

  /** Frees what was dropped, before something large needs the room. */
  async collect(): Promise<void> {
    this.#collect ??= await exposeCollector();
    // Node lets go of an addon's buffer in two steps: the first collection finds it, the second frees it. Few milliseconds each, in a
    // thread that has hardly any objects.
    for (let step = 0; step < 2; step++) {
      this.#collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** V8 shows its collector to contexts made after the flag was set. Loaded when it is first needed: most processes never do. */
async function exposeCollector(): Promise<() => void> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')]);
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  return typeof collect === 'function' ? () => void collect() : () => undefined;
}
