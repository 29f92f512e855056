import { availableParallelism } from 'node:os';
import { RookeryError } from '@rookery/contracts';
import { type Agreement, agreementOf } from '../compare/agreement.ts';
import { distanceOf, rowsOf, type Scores, scoresOf } from '../compare/scores.ts';
import { encodeModel } from '../onnx/codec.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { firstOf, pick, type Sample } from '../sample.ts';
import type { RangeMethod } from './choose-range.ts';
import { sensitiveLayers } from './sensitive-layers.ts';
import { asWritten } from './session-config.ts';
import { type Int8Plan, Int8Writer } from './write-int8.ts';

interface Tried {
  readonly graph: Uint8Array;
  readonly method: RangeMethod;
  readonly kept: readonly string[];
  readonly agreement: Agreement;
}

/** Plans that were tried on the pictures, each as the graph that it would become, and the best of them. */
export class PlanSearch {
  readonly tried: { readonly what: string; readonly top1: number; readonly shift: number }[] = [];
  readonly #writer: Int8Writer;
  #best: Tried | undefined;

  constructor(
    readonly model: ModelMessage,
    private readonly pictures: Sample,
    private readonly reference: Scores,
    readonly signal: AbortSignal | undefined,
  ) {
    this.#writer = new Int8Writer(model);
  }

  get best(): Tried {
    if (!this.#best) throw new RookeryError('INTERNAL', { detail: 'nothing was tried' });
    return this.#best;
  }

  /** @returns how much the scores of the pictures at `places` move. */
  async tryMethod(method: RangeMethod, plan: Int8Plan, places: readonly number[]): Promise<number> {
    const { top1, shift } = await this.#measure(this.#write(plan), places);
    this.tried.push({ what: `${method} on other pictures`, top1, shift });
    return shift;
  }

  async tryPlan(method: RangeMethod, plan: Int8Plan, kept: readonly string[]): Promise<void> {
    const graph = this.#write({ ...plan, keep: new Set(kept) });
    const agreement = await this.#measure(
      graph,
      Array.from({ length: this.pictures.count }, (_, n) => n),
    );
    const { top1, shift } = agreement;
    const layers = kept.length === 1 ? '1 layer' : `${kept.length} layers`;
    this.tried.push({ what: kept.length === 0 ? method : `${method}, ${layers} in float32`, top1, shift });
    if (!this.#best || top1 > this.#best.agreement.top1) this.#best = { graph, method, kept, agreement };
  }

  /** Layers by what they do to the scores of the first pictures as bytes, the worst first. */
  sensitiveLayers(plan: Int8Plan, names: readonly string[], pictures: number): AsyncGenerator<string, void> {
    const few = firstOf(this.pictures, pictures);
    const places = Array.from({ length: few.count }, (_, n) => n);
    const wanted = rowsOf(this.reference, places);
    return sensitiveLayers(names, async (group) => {
      const keep = new Set(names.filter((name) => !group.includes(name)));
      return distanceOf(wanted, await this.#scores(this.#write({ ...plan, keep }), few));
    });
  }

  #write = (plan: Int8Plan): Uint8Array => encodeModel(this.#writer.write(plan));

  async #measure(graph: Uint8Array, places: readonly number[]): Promise<Agreement> {
    const scores = await this.#scores(graph, pick(this.pictures, places));
    return agreementOf(rowsOf(this.reference, places), scores, places);
  }

  #scores(graph: Uint8Array, sample: Sample): Promise<Scores> {
    return scoresOf(graph, sample, { threads: availableParallelism(), config: asWritten, signal: this.signal });
  }
}
