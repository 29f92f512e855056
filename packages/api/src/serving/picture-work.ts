import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import { asRookeryError, RookeryError } from '@rookery/contracts';
import type { Classification, ClassifyOptions } from '@rookery/inference';
import { type Span, StageTimes } from '@rookery/telemetry';
import type { ApiMetrics } from '../api-metrics.ts';
import type { Admission } from './admission.ts';
import type { Answer, LabelBy, ModelLease, Turn } from './hosted-model.ts';
import { type ReadBytesOptions, readBytes } from './read-bytes.ts';
import { classifyServed, keyOf, type ServedPicture } from './served-picture.ts';

export interface PictureWorkOptions {
  readonly admission: Admission;
  readonly counts: ApiMetrics;
  /** The work is given up after it. */
  readonly timeoutMs: number;
  /** Of the request: told of the stages of its pictures. */
  readonly span: Span;
}

/** Made once: finding out where costs more than all else about it. */
const requestIsOver = new RookeryError('ABORTED', { detail: 'the request is over' });

/** What one request does with pictures: bytes that it holds, pictures that wait, a time by which it must be done. */
export class PictureWork implements Disposable {
  readonly #options: PictureWorkOptions;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #until: number;
  readonly #stages: StageTimes | undefined;
  #held = 0;
  #admitted = false;
  /** Pictures at the classifier. */
  #running = 0;
  #isShared = false;

  /** @throws {RookeryError} OVERLOADED where there is no room for one picture more. */
  constructor(options: PictureWorkOptions) {
    options.admission.check(options.timeoutMs);
    this.#options = options;
    this.#stages = options.span.isRecording ? new StageTimes() : undefined;
    this.#until = performance.now() + options.timeoutMs;
    this.#timer = setTimeout(() => this.abandon(new RookeryError('TIMED_OUT')), options.timeoutMs);
  }

  /** Aborted when the time is over or nobody waits for the answer any more. */
  get signal(): AbortSignal {
    const { signal } = this.#controller;
    // One listener for each of its pictures.
    if (!this.#isShared) setMaxListeners(0, signal);
    this.#isShared = true;
    return signal;
  }

  /** Gives up what is not done yet. */
  abandon(reason: RookeryError): void {
    this.#controller.abort(reason);
  }

  /** Counts bytes until the request is over. @throws {RookeryError} OVERLOADED */
  hold(bytes: number): void {
    this.#options.admission.hold(bytes);
    this.#held += bytes;
  }

  /** @throws {RookeryError} SOURCE_TOO_MANY_BYTES, OVERLOADED, TIMED_OUT, ABORTED */
  async read(
    stream: Readable,
    limits: Pick<ReadBytesOptions, 'maxBytes' | 'length'>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { signal } = this.#controller;
    return readBytes(stream, { ...limits, signal, hold: (bytes) => this.hold(bytes) });
  }

  /**
   * Labels one picture, whose bytes are given away, and explains so many of its labels. Where the reference has a canary it answers for its
   * share.
   * @throws {RookeryError} those of `Classifier.classify`; TIMED_OUT; OVERLOADED where too many came at once.
   */
  async classify(lease: ModelLease, bytes: Uint8Array<ArrayBuffer>, top: number, explain = 0): Promise<Answer> {
    const picture = { kind: 'encoded', bytes } as const;
    const label = this.labelBy({ top, explain });
    if (!lease.versions) return label(lease, picture);
    using turn = await this.turn(lease, [picture]);
    const answer = await turn.label(picture, label);
    return turn.lease === lease ? answer : { ...answer, version: turn.lease.hosted.resolved.version };
  }

  /** Whose turn pictures are that are answered together: the lease's, where nothing stands beside its version. */
  async turn(lease: ModelLease, pictures: readonly ServedPicture[]): Promise<Turn> {
    const pixels = pictures.some(({ kind }) => kind === 'pixels');
    const { counts } = this.#options;
    return (
      (await lease.versions?.turn(keyOf(pictures), lease, { counts: counts.rollout, pixels })) ?? {
        lease,
        label: (picture, label) => label(lease, picture),
        [Symbol.dispose]: () => undefined,
      }
    );
  }

  /** Labelling as this request asks for it. */
  labelBy(options: Omit<ClassifyOptions, 'signal'>): LabelBy {
    return (lease, picture) =>
      this.run(lease, (signal) => classifyServed(lease.classifier, picture, { ...options, signal }));
  }

  /** Lets the classifier label one picture in whichever way. @throws as `classify` */
  async run(lease: ModelLease, classify: (signal: AbortSignal) => Promise<Classification>): Promise<Classification> {
    const { admission, counts } = this.#options;
    // A lone picture, as most are, spares what sharing the signal costs.
    const { signal } = this.#running > 0 ? this : this.#controller;
    signal.throwIfAborted();
    // Once for all of its pictures: a request that was let in is not given up half-way.
    if (!this.#admitted) admission.check(this.#until - performance.now());
    this.#admitted = true;
    const leave = admission.enter();
    this.#running++;
    const startedAt = performance.now();
    let answered = false;
    try {
      const classification = await classify(signal);
      answered = true;
      lease.hosted.answered++;
      counts.classified(classification.timings);
      this.#stages?.classified(startedAt, classification.timings);
      return classification;
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      answered = true;
      counts.failed(asRookeryError(thrown).code);
      throw thrown;
    } finally {
      this.#running--;
      leave(answered);
    }
  }

  /** The request is over. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#options.admission.release(this.#held);
    this.#stages?.tell(this.#options.span);
    this.#held = 0;
    // What the answer did not wait for. Telling nobody costs as much as telling somebody.
    if (this.#isShared || this.#running > 0) this.abandon(requestIsOver);
  }
}
