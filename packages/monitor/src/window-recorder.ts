import { randomBytes } from 'node:crypto';
import { type Pin, pinDigest, type ResultLine } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { type Baseline, findBaseline } from './baseline.ts';
import type { MeasureName } from './compare.ts';
import { DriftAlarm, type SliceReport } from './drift-alarm.ts';
import { type DriftRules, defaultDriftRules } from './drift-rules.ts';
import { type Look, WindowSketch } from './sketch/window-sketch.ts';
import { putWindow, sweepWindows } from './window-store.ts';

/** Where lines come from. */
export interface WindowSource {
  readonly pin: Pin;
  readonly job: string | null;
}

/** `unknown`: without a reference, or too few pictures yet. */
export type DriftState = 'unknown' | 'stable' | 'drifting';

export interface WindowRecorderOptions {
  readonly store: ObjectStore;
  readonly rules?: DriftRules | undefined;
  /** A window is written after so many pictures, */
  readonly pictures?: number | undefined;
  /** or so long after its first. Milliseconds. */
  readonly everyMs?: number | undefined;
  /** or, of a job, so long after its last: most likely there is no more. Milliseconds. */
  readonly idleMs?: number | undefined;
  /** Windows that ended earlier are deleted at the start. Milliseconds. */
  readonly keepMs?: number | undefined;
  /** Told of each slice that was compared with the reference, and of what is alarmed after it. */
  readonly onSlice?: ((model: string, slice: SliceReport) => void) | undefined;
  /** Monitoring never hurts: what the store refuses is told here and dropped. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

interface Watched {
  readonly alarm: DriftAlarm | undefined;
  readonly readAt: number;
  told: boolean;
}

const openWindows = 32;
const baselineMs = 300_000;
const lastWordMs = 5_000;

/** Counts what a worker answers, writes windows into the store in the background, and compares its own with the reference. */
export class WindowRecorder implements AsyncDisposable {
  readonly #options: WindowRecorderOptions;
  readonly #id = randomBytes(6).toString('hex');
  readonly #open = new Map<
    string,
    {
      readonly source: WindowSource;
      readonly name: string;
      readonly sketch: WindowSketch;
      readonly at: number;
      lastAt: number;
    }
  >();
  readonly #watched = new Map<string, Watched>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #written = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: WindowRecorderOptions) {
    this.#options = options;
  }

  start(): void {
    const { store, everyMs = 300_000, idleMs = 30_000, keepMs = 30 * 86_400_000 } = this.#options;
    this.#timer ??= setInterval(() => this.#writeOld(), Math.min(everyMs, idleMs, 30_000)).unref();
    this.#after(() => sweepWindows(store, Date.now() - keepMs, this.#stop.signal));
  }

  lines(lines: readonly ResultLine[], source: WindowSource): void {
    const open = this.#windowOf(source);
    const now = Date.now();
    open.lastAt = now;
    for (const line of lines) open.sketch.add(line, now);
    if (open.sketch.pictures >= (this.#options.pictures ?? (this.#options.rules ?? defaultDriftRules).slice))
      this.#close(keyOf(source));
  }

  look(look: Look, source: WindowSource): void {
    this.#windowOf(source).sketch.look(look);
  }

  /** Of all models that this worker has answered with: the worst. */
  get state(): DriftState {
    const states = [...this.#watched.values()];
    if (states.some(({ alarm }) => alarm && alarm.alarmed.length > 0)) return 'drifting';
    return states.some(({ alarm, told }) => alarm && told) ? 'stable' : 'unknown';
  }

  /** What is alarmed, by model. */
  get alarmed(): { readonly model: string; readonly measure: MeasureName; readonly since: string }[] {
    return [...this.#watched].flatMap(([model, { alarm }]) => (alarm?.alarmed ?? []).map((one) => ({ model, ...one })));
  }

  /** Writes all that is open. */
  async flush(): Promise<void> {
    for (const key of [...this.#open.keys()]) this.#close(key);
    await this.#writing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const late = setTimeout(() => this.#stop.abort(), lastWordMs);
    await this.flush();
    clearTimeout(late);
  }

  #windowOf(source: WindowSource) {
    const key = keyOf(source);
    const known = this.#open.get(key);
    if (known) return known;
    const [oldest] = this.#open.keys();
    if (this.#open.size >= openWindows && oldest !== undefined) this.#close(oldest);
    const { name, version } = source.pin.model;
    const sketch = new WindowSketch({ model: pinDigest(source.pin), name: `${name}@${version}` });
    const now = Date.now();
    const made = { source, name: `${name}@${version}`, sketch, at: now, lastAt: now };
    this.#open.set(key, made);
    return made;
  }

  #writeOld(): void {
    const { everyMs = 300_000, idleMs = 30_000 } = this.#options;
    const now = Date.now();
    for (const [key, { source, at, lastAt }] of [...this.#open])
      if (now - at >= everyMs || (source.job !== null && now - lastAt >= idleMs)) this.#close(key);
  }

  #close(key: string): void {
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    // Looks whose lines came later, with the next window.
    if (open.sketch.pictures === 0) return;
    const window = open.sketch.window();
    const { source, name } = open;
    const id = `${this.#id}-${this.#written++}`;
    this.#after(async () => {
      const watched = await this.#watch(source.pin.model, name);
      const slice = watched.alarm?.add(window);
      if (slice) {
        watched.told = true;
        this.#options.onSlice?.(name, slice);
      }
      await putWindow(this.#options.store, { v: 1, job: source.job, window }, id, this.#stop.signal);
    });
  }

  /** The reference may be made, or made anew, while the worker runs. */
  async #watch(model: Pin['model'], name: string): Promise<Watched> {
    const known = this.#watched.get(name);
    if (known && (known.alarm || Date.now() - known.readAt < baselineMs)) return known;
    const baseline: Baseline | undefined = await findBaseline(this.#options.store, model, this.#stop.signal);
    const alarm = baseline && new DriftAlarm(baseline.window, this.#options.rules ?? defaultDriftRules);
    const watched = { alarm, readAt: Date.now(), told: false };
    this.#watched.set(name, watched);
    return watched;
  }

  #after(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((error: unknown) => this.#options.onError?.(error));
  }
}

const keyOf = ({ pin, job }: WindowSource): string => `${pinDigest(pin)} ${job}`;
