import { asRookeryError, type ErrorCode, errorMessage, type RookeryError } from '@rookery/contracts';
import type { Classification, Classifier } from '@rookery/inference';
import { BoundedQueue } from './bounded-queue.ts';
import { ByteBudget } from './byte-budget.ts';
import type { Labelled, Outcome, Source } from './picture.ts';
import { Slots } from './slots.ts';

type Also = (source: Source, labelled: Labelled, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;

export interface PipelineOptions {
  /** Reading begins before it is there. */
  readonly classifier: Promise<Classifier>;
  readonly top: number;
  readonly signal: AbortSignal;
  /** Encoded bytes held at a time, from reading to the labels. */
  readonly maxBytesHeld: number;
  /** How many outcomes may be ahead of the one that is due. This bounds memory, whatever the number of sources. Default: 256. */
  readonly window?: number | undefined;
  /** Called with each labelled picture and its bytes, for copies and text files. What it throws ends the run. */
  readonly also?: Also | undefined;
  /** Explain so many of a picture's labels. Default: none. */
  readonly explain?: number | undefined;
}

const defaultWindow = 256;
const readsAtATime = 8;
/** Enough for a batch in the engine, one being filled and the decoders. */
const classifiedAtATime = 48;
/** Not about a picture: the next one fares no better. */
const endsTheRun: ReadonlySet<ErrorCode> = new Set([
  'ABORTED',
  'MODEL_NOT_FOUND',
  'MODEL_CORRUPT',
  'MODEL_INVALID',
  'MODEL_OPERATOR_UNSUPPORTED',
  'ENGINE_UNAVAILABLE',
  'DEVICE_UNAVAILABLE',
]);
/** The engine's thread is replaced when it dies; this is how often a picture is tried again then. */
const engineRetries = 2;

/**
 * Labels every source, beginning at once, and yields the outcomes in the order of the sources. Files are read ahead of the
 * classifier; of those that wait for it, the largest goes first, since its decoding takes longest.
 * @throws {RookeryError} (when iterated) only where the whole run is given up: ABORTED, or the model cannot be run.
 */
export function classifyInOrder(sources: AsyncIterable<Source>, options: PipelineOptions): AsyncGenerator<Outcome> {
  const work = new Work(options);
  const due = new BoundedQueue<Promise<Outcome>>(options.window ?? defaultWindow);
  const feed = async () => {
    for await (const source of sources) if (!(await due.put(held(work.one(source))))) return;
  };
  feed().then(
    () => due.end(),
    (error: unknown) => due.end(error),
  );
  // Whoever waits for the next source, such as a line on stdin, would wait on.
  const giveUp = () => due.end(asRookeryError(options.signal.reason, 'ABORTED'));
  if (options.signal.aborted) giveUp();
  else options.signal.addEventListener('abort', giveUp, { once: true });
  return settled(due);
}

async function* settled(due: BoundedQueue<Promise<Outcome>>): AsyncGenerator<Outcome> {
  for await (const outcome of due.take()) yield await outcome;
}

/** A rejection is handled when its turn comes, or never, if an earlier one ended the run. */
function held<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

class Work {
  readonly #options: PipelineOptions;
  readonly #budget: ByteBudget;
  readonly #reading = new Slots(readsAtATime);
  readonly #classifying = new Slots(0);
  /** Why nothing can be labelled any more. */
  #fatal: RookeryError | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#budget = new ByteBudget(options.maxBytesHeld);
    // Pictures that are read before the classifier is ready wait, so that the largest can go first.
    const open = () => this.#classifying.open(classifiedAtATime);
    options.classifier.then(open, (error: unknown) => {
      this.#fatal = asRookeryError(error);
      open();
    });
  }

  async one(source: Source): Promise<Outcome> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#attempt(source);
      } catch (thrown) {
        if (this.#fatal) throw this.#fatal;
        const error = asRookeryError(thrown, 'SOURCE_UNREADABLE');
        if (this.#options.signal.aborted || endsTheRun.has(error.code)) throw error;
        if (error.code === 'ENGINE_FAILED' && attempt < engineRetries) continue;
        return {
          source: source.name,
          error: { code: error.code, message: errorMessage(error.code) },
          detail: error.detail ?? '',
        };
      }
    }
  }

  async #attempt(source: Source): Promise<Outcome> {
    let reserved = 0;
    try {
      const started = performance.now();
      let roomMs = 0;
      const bytes = await this.#reading.run(0, () =>
        source.read({
          signal: this.#options.signal,
          reserve: async (count) => {
            const asked = performance.now();
            await this.#budget.reserve(count);
            reserved = count;
            roomMs = performance.now() - asked;
          },
        }),
      );
      const readMs = performance.now() - started - roomMs;
      // What was asked for ahead may be more than came.
      this.#budget.release(reserved - bytes.byteLength);
      reserved = bytes.byteLength;
      return await this.#classify(source, bytes, { readMs, roomMs });
    } finally {
      this.#budget.release(reserved);
    }
  }

  async #classify(source: Source, bytes: Uint8Array<ArrayBuffer>, spent: ReadTimes): Promise<Outcome> {
    const ready = performance.now();
    const { classifier: opening, top, signal, also, explain } = this.#options;
    return this.#classifying.run(bytes.byteLength, async () => {
      const classifier = await opening;
      const started = performance.now();
      // The classifier takes the bytes' buffer over.
      const copy = also && bytes.slice();
      const result = await classifier.classify(bytes, { top, signal, explain });
      const outcome = labelled(source.name, result, {
        ...spent,
        slotMs: started - ready,
        classifyMs: performance.now() - started,
      });
      if (also && copy) await this.#also(also, source, outcome, copy);
      return outcome;
    });
  }

  async #also(also: Also, source: Source, outcome: Labelled, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await also(source, outcome, bytes);
    } catch (error) {
      this.#fatal = asRookeryError(error, 'STORE_UNAVAILABLE');
      throw this.#fatal;
    }
  }
}

interface ReadTimes {
  readonly readMs: number;
  /** Waiting for room in memory. */
  readonly roomMs: number;
}

function labelled(
  source: string,
  { width, height, predictions, explanation, timings }: Classification,
  spent: ReadTimes & { readonly slotMs: number; readonly classifyMs: number },
): Labelled {
  const { decodeMs, inferMs, batchSize, topKMs } = timings;
  const share = inferMs / Math.max(1, batchSize);
  return {
    source,
    width,
    height,
    predictions,
    explanation,
    times: {
      read: spent.readMs,
      decode: decodeMs,
      wait: spent.roomMs + spent.slotMs + spent.classifyMs - decodeMs - share - topKMs,
      infer: share,
      topK: topKMs,
    },
  };
}
