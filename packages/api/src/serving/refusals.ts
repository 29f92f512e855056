/** Until what could not be followed is tried again: as long as it has been known, within these bounds. Milliseconds. */
const [leastMs, mostMs] = [2_000, 60_000];

interface Refusal {
  readonly seen: string;
  readonly since: number;
  againAt: number;
}

/** What references came to mean and could not be loaded as: it is not tried at every look. */
export class Refusals {
  readonly #refusals = new Map<string, Refusal>();

  /** Whether it is too early to try again. */
  has(reference: string, seen: string): boolean {
    const known = this.#refusals.get(reference);
    return known?.seen === seen && performance.now() < known.againAt;
  }

  add(reference: string, seen: string): void {
    const known = this.#refusals.get(reference);
    const now = performance.now();
    const since = known?.seen === seen ? known.since : now;
    this.#refusals.set(reference, { seen, since, againAt: now + Math.min(mostMs, Math.max(leastMs, now - since)) });
  }

  delete(reference: string): void {
    this.#refusals.delete(reference);
  }

  clear(): void {
    this.#refusals.clear();
  }
}
