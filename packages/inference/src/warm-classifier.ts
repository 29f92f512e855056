import { availableParallelism } from 'node:os';
import {
  type Digest,
  type ExplainGraphs,
  type Pin,
  pinDigest,
  RookeryError,
  type ServingModel,
  Top,
} from '@rookery/contracts';
import { Admission } from './admission.ts';
import { classificationOf } from './classification-of.ts';
import type {
  Classification,
  Classifier,
  ClassifierLoad,
  ClassifierTuning,
  ClassifyOptions,
  GivenPixels,
} from './classifier.ts';
import type { ClassifierOptions, InternalOptions } from './classifier-options.ts';
import { findEngine } from './find-engine.ts';
import type { GivenPicture } from './messages.ts';
import { rememberTuning, type TuningPlan } from './tuning.ts';
import { Unit, type UnitOptions } from './unit.ts';

const mebibyte = 1024 * 1024;
const settled = { threads: false, batch: false };

/** A classifier over one unit a device. It is told the tuning that a unit measured, and replaces a unit that is over. */
export class WarmClassifier implements Classifier {
  readonly model: Digest;
  readonly labels: readonly string[];
  tuning: ClassifierTuning;
  readonly #admission: Admission;
  readonly #units: Unit[];
  #disposed = false;
  readonly #onExit = (): void => {
    for (const unit of this.#units) unit.stopNow();
  };
  #kept: Promise<void> = Promise.resolve();
  #explaining: Promise<void> | undefined;
  #graphs: { readonly graphs: ExplainGraphs | undefined } | undefined;

  constructor(
    private readonly served: ServingModel,
    readonly pin: Pin,
    private readonly plan: TuningPlan,
    devices: readonly ('cpu' | number)[],
    private readonly options: ClassifierOptions & InternalOptions,
  ) {
    this.model = pinDigest(pin);
    this.labels = served.labels;
    this.tuning = plan.tuning;
    const budgetBytes = options.memoryBudgetBytes ?? 256 * mebibyte;
    const pictures = options.maxPending ?? Math.max(64, 4 * plan.largestBatch * devices.length);
    this.#admission = new Admission({ pictures, bytes: budgetBytes });
    const found = findEngine(served, options);
    const unitOptions = (device: 'cpu' | number): UnitOptions => ({
      model: served,
      device,
      found,
      tuning: plan.tuning,
      measure: plan.measure,
      largestBatch: plan.largestBatch,
      decoders: Math.max(1, Math.floor((options.decoders ?? availableParallelism()) / devices.length)),
      budgetBytes: Math.floor(budgetBytes / devices.length),
      maxPixels: pin.maxPixels,
      hangMs: options.hangMs ?? 120_000,
      decoderEntry: options.decoderEntry ?? new URL('../dist/decoder-thread.js', import.meta.url),
      engineEntry: options.engineEntry ?? new URL('../dist/engine-thread.js', import.meta.url),
    });
    this.#units = devices.map((device, index) =>
      this.#startUnit({ ...unitOptions(device), ...(index === 0 && { early: options.early }) }, index),
    );
    process.on('exit', this.#onExit);
  }

  async warm(): Promise<void> {
    await Promise.all(this.#units.map((unit) => unit.ready));
  }

  async classify(picture: Uint8Array<ArrayBuffer>, options: ClassifyOptions): Promise<Classification> {
    if (picture.byteLength === 0) throw new RookeryError('PICTURE_EMPTY');
    const { top, scores = false, explain = 0, isCut = false } = options;
    return this.#submit({ type: 'picture', bytes: picture, isCut, top, scores, explain }, options);
  }

  async classifyPixels(pixels: GivenPixels, options: ClassifyOptions): Promise<Classification> {
    const { width, height } = this.pin.preprocessing;
    if (pixels.length !== width * height * 3)
      throw new RookeryError('USAGE', { detail: `${pixels.length} values for ${height} x ${width} x 3` });
    const { top, scores = false, explain = 0 } = options;
    return this.#submit({ type: 'pixels', bytes: pixels, top, scores, explain }, options);
  }

  async #submit(picture: GivenPicture, { signal }: ClassifyOptions): Promise<Classification> {
    if (!Top.safeParse(picture.top).success) throw new RookeryError('USAGE', { detail: `top: ${picture.top}` });
    if (!(picture.explain >= 0)) throw new RookeryError('USAGE', { detail: `explain: ${picture.explain}` });
    if (picture.explain > 0) await this.#readyToExplain();
    const bytes = picture.bytes.byteLength;
    await this.#admission.enter(bytes, signal);
    if (this.#disposed || signal?.aborted) {
      this.#admission.leave(bytes);
      throw new RookeryError('ABORTED', { cause: signal?.reason });
    }
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        reject(new RookeryError('ABORTED', { cause: signal?.reason }));
        drop();
      };
      const drop = this.#unit().submit(picture, {
        answered: (answer) => {
          const classification = classificationOf(answer, this.labels, this.pin.preprocessing);
          if (classification) resolve(classification);
          else reject(new RookeryError('SCORE_NOT_A_NUMBER'));
        },
        failed: reject,
        done: () => {
          signal?.removeEventListener('abort', abort);
          this.#admission.leave(bytes);
        },
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Every engine is given the graphs before the first picture that needs them; one that replaces another, when it starts. */
  #readyToExplain(): Promise<unknown> {
    this.#explaining ??= this.#makeGraphs();
    this.#explaining.catch(() => {
      this.#explaining = undefined;
    });
    return this.#explaining;
  }

  async #makeGraphs(): Promise<void> {
    const graphs = await this.options.explainGraphs?.(this.served);
    this.#graphs = { graphs };
    for (const unit of this.#units) unit.explainWith(graphs);
  }

  load(): ClassifierLoad {
    return { pending: this.#admission.pictures, pendingBytes: this.#admission.bytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#admission.close();
    await Promise.all(this.#units.map((unit) => unit.stop()));
    await this.#kept;
    process.off('exit', this.#onExit);
  }

  /** The one with least to do; one that is over only where there is no other. */
  #unit(): Unit {
    const working = this.#units.filter(({ error }) => !error);
    const [first = this.#units[0], ...others] = working;
    if (!first) throw new RookeryError('DEVICE_UNAVAILABLE');
    return others.reduce((least, unit) => (unit.pending < least.pending ? unit : least), first);
  }

  #startUnit(options: UnitOptions, index: number): Unit {
    let worked = false;
    const unit = new Unit(options, (error) => {
      if (this.#disposed) return;
      // One that never worked fails the pictures with its own error and is not started for ever.
      if (worked) this.options.log?.warn({ err: error, device: options.device }, 'the engine is replaced');
      if (worked)
        this.#units[index] = this.#startUnit(
          { ...options, early: undefined, tuning: this.tuning, measure: settled },
          index,
        );
    });
    if (this.#graphs) unit.explainWith(this.#graphs.graphs);
    unit.ready.then(
      (tuning) => {
        worked = true;
        this.#tuned(tuning);
      },
      () => undefined,
    );
    return unit;
  }

  #tuned(tuning: ClassifierTuning): void {
    this.tuning = tuning;
    if (tuning.source !== 'measured') return;
    this.options.log?.info(tuning, 'threads and batch were measured');
    this.#kept = rememberTuning(this.plan, tuning, this.options.log);
  }
}
