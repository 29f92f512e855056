import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** Far beyond what a slow machine needs: it only says that something hangs. */
  readonly ceilingMs?: number;
  /** Told when the ceiling is reached: what was seen last. */
  readonly seen?: () => unknown;
}

/** Waits until something is so, and resolves to it. Rejects with what was waited for where it hangs. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { ceilingMs = 90_000, seen }: UntilOptions = {},
): Promise<T> {
  const endMs = performance.now() + ceilingMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) {
      throw new Error(`waited ${ceilingMs} ms until ${what}${seen ? `; seen last: ${JSON.stringify(seen())}` : ''}`);
    }
    await sleep(25);
  }
}
