import { asRookeryError, type FleetWorker, fleetLayout, lateBeatMs, WorkerBeat } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import type { Logger } from '@rookery/telemetry';

/** One that has given none for so long is not shown any more. */
const forgottenMs = 900_000;
/** One that works gives a sign every ten seconds: without, it has done nothing meanwhile. */
const idleAfterMs = 15_000;

interface Seen {
  readonly etag: string;
  readonly beat: WorkerBeat;
  /** When it changed, by our own clock. */
  readonly at: number;
  readonly perSecond: number | null;
}

/** Pictures a second between two signs of one worker, by its own clock. */
export function rateBetween(before: WorkerBeat | undefined, after: WorkerBeat): number | null {
  if (!before || before.id !== after.id) return null;
  const passedMs = after.uptimeMs - before.uptimeMs;
  return passedMs > 0 ? (Math.max(0, after.pictures - before.pictures) * 1_000) / passedMs : null;
}

export const workerOf = (
  { id, model, p50Ms, p95Ms, startedAt, state, drift }: WorkerBeat,
  { kind, perSecond }: { readonly kind: FleetWorker['kind']; readonly perSecond: number | null },
): FleetWorker => ({ id, kind, state, model, picturesPerSecond: perSecond, p50Ms, p95Ms, startedAt, drift });

/** Workers elsewhere, by the signs of life that they leave in the store. */
export class WorkerSigns {
  readonly #store: ObjectStore;
  readonly #log: Logger;
  readonly #seen = new Map<string, Seen>();

  constructor(store: ObjectStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** As of the last look. */
  workers(): FleetWorker[] {
    const now = performance.now();
    return [...this.#seen.values()].map(({ beat, at, perSecond }) => {
      const ageMs = now - at;
      const worker = workerOf(beat, { kind: 'remote', perSecond: ageMs > idleAfterMs ? 0 : perSecond });
      return ageMs > lateBeatMs ? { ...worker, state: 'unknown', picturesPerSecond: null } : worker;
    });
  }

  /** Of workers that are there. */
  beats(): WorkerBeat[] {
    const now = performance.now();
    return [...this.#seen.values()].filter(({ at }) => now - at <= lateBeatMs).map(({ beat }) => beat);
  }

  /** One listing, and a read for each sign that is new. */
  async look(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const there = new Set<string>();
    for await (const page of this.#store.list(fleetLayout.root, { signal })) {
      for (const { key, etag, lastModified } of page) {
        // At first sight the store's clock must do.
        if (Date.now() - lastModified.getTime() > forgottenMs) continue;
        there.add(key);
        const known = this.#seen.get(key);
        if (known?.etag !== etag) await this.#read(key, { etag, at: now, lateBy: Date.now() - lastModified.getTime() });
      }
    }
    for (const [key, { at }] of this.#seen) if (!there.has(key) || now - at > forgottenMs) this.#seen.delete(key);
  }

  async #read(key: string, { etag, at, lateBy }: { etag: string; at: number; lateBy: number }): Promise<void> {
    try {
      const { body } = await this.#store.get(key, { maxBytes: 16_384 });
      const beat = WorkerBeat.parse(JSON.parse(Buffer.from(body).toString('utf8')));
      const before = this.#seen.get(key);
      const perSecond = rateBetween(before?.beat, beat);
      this.#seen.set(key, { etag, beat, at: before ? at : at - Math.max(0, lateBy), perSecond });
    } catch (thrown) {
      // It stopped at this moment, or is a worker of another time.
      this.#log.debug({ key, err: asRookeryError(thrown) }, 'a sign of life could not be read');
    }
  }
}
