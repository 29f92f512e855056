import type { EarlyThreads } from './early-threads.ts';
import type { MakeExplainGraphs } from './explain/explanation.ts';
import type { EngineChoice } from './find-engine.ts';

/** How a model is run. Nothing here changes a prediction but `device`, `engine` and `maxPixels`, which are part of the pin. */
export interface ClassifierOptions {
  /** Threads of the engine for one batch. Default: as many as the machine offers. */
  threads?: number | undefined;
  /** Pictures in a batch, at most. Default: 8. */
  batch?: number | undefined;
  /** The processor, or the numbers of CUDA devices, each with a session of its own. Default: `'cpu'`. */
  device?: 'cpu' | readonly number[] | undefined;
  /** What runs it; ENGINE_UNAVAILABLE where that is not here. Default: `auto`, which goes by what was measured on this machine (see
   * `tuning`), else by the format of the model. */
  engine?: EngineChoice | undefined;
  /** Where `rookery engines install` puts engines. Without it there are only those of the package. */
  enginesFolder?: string | undefined;
  /** Take the processor, and say so, where the device cannot be used. Default: fail. */
  fallback?: boolean | undefined;
  /** PICTURE_TOO_LARGE beyond it, read from the header. Width times height; default: 50 million. */
  maxPixels?: number | undefined;
  /** Decoded pixels held at once, and encoded bytes waiting. A picture that does not fit runs alone. Default: 256 MiB. */
  memoryBudgetBytes?: number | undefined;
  /** Pictures accepted and not yet answered; `classify` waits for its turn beyond it. Default: 64, or four batches a device. */
  maxPending?: number | undefined;
  /** Decodes in progress at once. Default: as many as the machine offers. They run in libuv's pool, which has four threads unless
   * UV_THREADPOOL_SIZE was set before its first use. */
  decoders?: number | undefined;
  /**
   * Threads, batch and, of several that are installed, engine of this machine for this model: `measure` takes at most a second (one more for
   * each of several engines) where nothing is cached, `cached` takes what an earlier measurement found, `never` the defaults. Explicit settings win. Default: `cached`.
   */
  tuning?: 'never' | 'cached' | 'measure' | undefined;
  /** Folder in which measurements are kept. Without it nothing is. */
  tuningCache?: string | undefined;
  /**
   * Resolve at once, while the model still loads: pictures given meanwhile are decoded in that time. A model that cannot be loaded then
   * fails the pictures instead of `openClassifier`.
   */
  background?: boolean | undefined;
  /** Threads that `startThreadsEarly` started; they become those of the processor or the first device. */
  early?: EarlyThreads | undefined;
  /** Called once, for the first picture that is to be explained. Without it maps are made with masks, which takes hundreds of times as long. */
  explainGraphs?: MakeExplainGraphs | undefined;
  /** What goes wrong without failing a picture: an engine that was replaced, a tuning that could not be kept. */
  log?: ClassifierLog | undefined;
}

/** The part of a logger that the classifier uses; pino's has it. */
export interface ClassifierLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** @internal For tests of what goes wrong: other threads than the package's own, and a shorter patience. */
export interface InternalOptions {
  decoderEntry?: URL | undefined;
  engineEntry?: URL | undefined;
  /** A thread that gives no sign for this long while it has pictures counts as hung. */
  hangMs?: number | undefined;
}
