import { RookeryError, type ServingModel } from '@rookery/contracts';
import type { Classifier } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import { HostedModel } from './hosted-model.ts';
import type { ResolvedModel } from './model-source.ts';

export interface WarmModelsOptions {
  readonly open: (model: ServingModel) => Promise<Classifier>;
  /** Of graphs. One larger than all of it runs alone. */
  readonly budgetBytes: number;
  /** Models that may not leave, even when nobody uses them. */
  readonly isKept: (hosted: HostedModel) => boolean;
  /** Told when one has left. */
  readonly onLeft: (hosted: HostedModel) => void;
  readonly log: Logger;
}

/** The models in memory, within a budget: the least used one leaves when another needs its place. */
export class WarmModels implements AsyncDisposable {
  readonly #options: WarmModelsOptions;
  readonly #models = new Map<string, HostedModel>();
  readonly #closing = new Set<Promise<void>>();
  /** One is opened at a time: two that warm up beside each other measure each other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: WarmModelsOptions) {
    this.#options = options;
  }

  all(): HostedModel[] {
    return [...this.#models.values()];
  }

  get(key: string): HostedModel | undefined {
    return this.#models.get(key);
  }

  get graphBytes(): number {
    return this.all().reduce((sum, { resolved }) => sum + resolved.graphBytes, 0);
  }

  /**
   * @param beside The new one takes over from one that is in use: both fit for that while, whatever the budget.
   * @throws {RookeryError} OVERLOADED where models in use leave no room.
   */
  open(resolved: ResolvedModel, { beside }: { readonly beside: boolean }): HostedModel {
    const known = this.#models.get(resolved.key);
    if (known) return known;
    this.#makeRoom(resolved.graphBytes, beside);
    const turn = this.#last;
    const startedAt = performance.now();
    const hosted = new HostedModel(
      { ...resolved, load: () => turn.then(() => resolved.load()) },
      this.#options.open,
      (self) => {
        if (self.retired) this.close(self);
      },
    );
    this.#last = hosted.opened.catch(() => undefined);
    this.#models.set(resolved.key, hosted);
    hosted.opened.then(
      (classifier) =>
        this.#options.log.info(
          {
            model: resolved.key,
            digest: classifier.model,
            ...classifier.tuning,
            tookMs: Math.round(performance.now() - startedAt),
          },
          'model is warm',
        ),
      () => this.#left(hosted),
    );
    return hosted;
  }

  /** Takes it out and closes it; what still runs in it is given up. */
  close(hosted: HostedModel): void {
    if (!this.#left(hosted)) return;
    const closed = hosted[Symbol.asyncDispose]().catch((err: unknown) =>
      this.#options.log.warn({ err, model: hosted.resolved.key }, 'a model could not be closed'),
    );
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
    this.#options.log.info({ model: hosted.resolved.key }, 'model has left');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const hosted of this.all()) this.close(hosted);
    await Promise.all(this.#closing);
  }

  #left(hosted: HostedModel): boolean {
    if (this.#models.get(hosted.resolved.key) !== hosted) return false;
    this.#models.delete(hosted.resolved.key);
    this.#options.onLeft(hosted);
    return true;
  }

  #makeRoom(bytes: number, beside: boolean): void {
    const { budgetBytes, isKept } = this.#options;
    while (this.#models.size > 0 && this.graphBytes + bytes > budgetBytes) {
      const [idle] = this.all()
        .filter((hosted) => hosted.users === 0 && hosted.state !== 'loading' && !isKept(hosted))
        .sort((a, b) => a.lastUsed - b.lastUsed);
      if (idle) {
        this.close(idle);
        continue;
      }
      if (beside) return;
      throw new RookeryError('OVERLOADED', {
        detail: 'the models in use leave no room for another',
        retryAfterMs: 10_000,
      });
    }
  }
}
