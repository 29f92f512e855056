import { asRookeryError } from '@rookery/contracts';
import type { ClassifierTuning } from '../classifier.ts';
import {
  type Answer,
  type DecodersBusy,
  type EngineData,
  type EngineRequest,
  type FreedSlots,
  now,
  type ResizedPicture,
  type ThreadReport,
} from '../messages.ts';
import { largestBatch } from './batches.ts';
import { Engine } from './engine.ts';
import { Explainer } from './explain/explainer.ts';
import { measure } from './measure.ts';
import { rounded, topK } from './top-k.ts';

/** How long a picture waits for others, at most, while the cores decode. */
const longestHoldMs = 50;

/**
 * Resized pictures in, answers out. Whatever waits when the engine is free is the next batch, unless all decoders are at work: then the
 * cores have enough to do, the engine would only slow the decoding down, and a larger batch costs less a picture. So a lone picture never
 * waits for others, the longest decode of a few is not held up by the others' inference, and under load batches fill.
 */
export class EngineThread {
  readonly #waiting: ResizedPicture[] = [];
  #decodersBusy = false;
  #arrived: (() => void) | undefined;
  readonly #explainer: Explainer;

  constructor(
    private readonly data: EngineData,
    private readonly report: (report: ThreadReport) => void,
  ) {
    // While a picture is explained there is nothing else to tell of.
    this.#explainer = new Explainer(data, () => report({ type: 'answers', answers: [] }));
  }

  /** What the main thread says, but for the end. */
  told(request: Exclude<EngineRequest, { type: 'stop' }>): void {
    this.#explainer.give(request.graphs);
  }

  accept(message: ResizedPicture | DecodersBusy): void {
    if (message.type === 'resized') this.#waiting.push(message);
    else this.#decodersBusy = message.busy;
    this.#arrived?.();
  }

  async run(): Promise<void> {
    try {
      const { engine, tuning } = await this.#load();
      this.report({ type: 'engine-ready', tuning });
      for (;;) {
        // One turn of the event loop brings everything that arrived while the engine ran.
        await new Promise((resolve) => setImmediate(resolve));
        const holdMs = this.#holdMs(tuning.batch);
        if (holdMs > 0) await this.#arrival(holdMs);
        else await this.#classify(engine, tuning.threads, this.#waiting.splice(0, tuning.batch));
      }
    } catch (thrown) {
      const { code, detail = '' } = asRookeryError(thrown, 'ENGINE_FAILED');
      this.report({ type: 'broken', failure: { code, detail } });
    }
  }

  /** How long to wait before the next batch unless something happens; 0: not at all. */
  #holdMs(batch: number): number {
    const [oldest] = this.#waiting;
    if (!oldest) return Number.POSITIVE_INFINITY;
    if (!this.#decodersBusy || this.#waiting.length >= Math.min(batch, this.data.slotCount)) return 0;
    return Math.max(0, oldest.stages.decodedAt + longestHoldMs - now());
  }

  #arrival(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(timeoutMs) ? setTimeout(resolve, timeoutMs) : undefined;
      this.#arrived = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #load(): Promise<{ engine: Engine; tuning: ClassifierTuning }> {
    const { tuning, measure: what } = this.data;
    const engine = await Engine.load(this.data, tuning.threads, what.batch ? largestBatch : tuning.batch);
    return what.threads || what.batch ? measure(this.data, engine) : { engine, tuning };
  }

  async #classify(engine: Engine, threads: number, pictures: readonly ResizedPicture[]): Promise<void> {
    const batchedAt = now();
    for (const [place, { slot }] of pictures.entries()) engine.place(slot, place);
    // Read already: the decoder may fill them again while this batch is computed.
    this.data.peer.postMessage({ type: 'freed', slots: pictures.map(({ slot }) => slot) } satisfies FreedSlots);
    const explained = pictures.some(({ explain }) => explain > 0)
      ? await this.#explainer.run(engine, pictures.length, threads)
      : undefined;
    const scores = explained?.scores ?? (await engine.run(pictures.length));
    const inferMs = now() - batchedAt;
    const { classes } = this.data.model.output;
    const answers = pictures.map(({ id, width, height, look, top, scores: wanted, stages }, place): Answer => {
      const { acceptedAt, startedAt, decodedAt } = stages;
      const scoredAt = now();
      const best = topK(scores, place * classes, classes, top);
      const all = wanted ? rounded(scores, place * classes, classes) : undefined;
      const timings = {
        queueMs: startedAt - acceptedAt,
        decodeMs: decodedAt - startedAt,
        batchMs: batchedAt - decodedAt,
        inferMs,
        batchSize: pictures.length,
        topKMs: now() - scoredAt,
      };
      return { id, width, height, look, ...best, all, timings };
    });
    if (explained) await this.#explain(explained, pictures, answers);
    else this.report({ type: 'answers', answers });
  }

  /** Reports all together, or, where each takes long, one after the other, those without an explanation first. */
  async #explain(
    batch: Awaited<ReturnType<Explainer['run']>>,
    pictures: readonly ResizedPicture[],
    answers: readonly Answer[],
  ): Promise<void> {
    const asked = answers.flatMap((answer, place) => {
      const classes = answer.indices.slice(0, pictures[place]?.explain ?? 0);
      return classes.length > 0 ? [{ answer, place, classes }] : [];
    });
    const inTurn = batch.isSlow ? asked.map((each) => [each]) : [asked];
    const others = answers.filter((each) => !asked.some(({ answer }) => answer === each));
    this.report({ type: 'answers', answers: others });
    for (const some of inTurn) {
      const explained = await batch.explain(some);
      this.report({ type: 'answers', answers: some.map(({ answer }, n) => ({ ...answer, explained: explained[n] })) });
    }
  }
}
