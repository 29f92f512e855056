import { type Rollout, RookeryError, type ServingModel } from '@rookery/contracts';
import type { Classifier } from '@rookery/inference';
import type { Logger } from '@rookery/telemetry';
import type { HostedModel, ModelLease } from './hosted-model.ts';
import { type ModelSource, ofModel, type ResolvedModel } from './model-source.ts';
import { Refusals } from './refusals.ts';
import { changeOf } from './rollout/change-of.ts';
import { versionsBeside } from './rollout/versions-beside.ts';
import { type Route, Routes } from './routes.ts';
import { WarmModels } from './warm-models.ts';

export interface ModelHostOptions {
  readonly source: ModelSource;
  /** What runs a model. */
  readonly open: (model: ServingModel) => Promise<Classifier>;
  /** Answers requests that name no model. Always warm. */
  readonly defaultReference: string;
  /** Of the graphs in memory. @default 1 GiB */
  readonly budgetBytes?: number | undefined;
  /** How often is asked what names mean now. @default 2,000 */
  readonly pollMs?: number | undefined;
  readonly log: Logger;
}

/**
 * The models of the service: several, and several versions of one, side by side within a memory budget. References follow the registry:
 * when an alias moves the new version warms up beside the old one, takes over, and the old one finishes what it has.
 */
export class ModelHost implements AsyncDisposable {
  readonly defaultReference: string;
  readonly #options: ModelHostOptions;
  readonly #models: WarmModels;
  readonly #routes: Routes;
  readonly #refusals = new Refusals();
  readonly #opening = new Map<string, Promise<HostedModel>>();
  readonly #timer: NodeJS.Timeout;
  #following: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #closed = false;

  constructor(options: ModelHostOptions) {
    this.#options = options;
    this.defaultReference = options.defaultReference;
    this.#routes = new Routes(options.defaultReference);
    this.#models = new WarmModels({
      open: options.open,
      budgetBytes: options.budgetBytes ?? 2 ** 30,
      isKept: (hosted) => this.#routes.isDefault(hosted),
      onLeft: (hosted) => this.#routes.forget(hosted),
      log: options.log,
    });
    this.#timer = setInterval(() => void (this.#following ?? this.#follow()), options.pollMs ?? 2_000).unref();
  }

  /** The default model is warm. */
  get ready(): boolean {
    return this.#routes.get(this.defaultReference)?.current.state === 'warm';
  }

  /** Every model in memory. */
  loaded(): readonly HostedModel[] {
    return this.#models.all();
  }

  get graphBytes(): number {
    return this.#models.graphBytes;
  }

  /** Loads the default model. @throws what loading it failed with. */
  async start(): Promise<void> {
    using _ = await this.use();
  }

  /**
   * The warm model that a reference means. Loads it where it is not in memory.
   * @throws {RookeryError} REFERENCE_INVALID, MODEL_*, OVERLOADED where there is no room for it.
   */
  async use(reference = this.defaultReference): Promise<ModelLease> {
    for (;;) {
      const route = this.#routes.get(reference);
      if (route) {
        route.usedAt = performance.now();
        return route.current.use(route.beside);
      }
      // Looked up again: it may have had to leave at once.
      await this.#open(reference);
    }
  }

  /** What a reference means now, whether it is in memory or not. @throws {RookeryError} REFERENCE_INVALID, MODEL_* */
  resolve(reference: string): Promise<ResolvedModel> {
    return this.#options.source.resolve(reference);
  }

  /**
   * Lets every version of a model leave as soon as nobody uses it. Whoever names it later loads it again.
   * @throws {RookeryError} MODEL_NOT_FOUND; MODEL_IN_USE for the default model, which stays.
   */
  async unload(name: string): Promise<void> {
    const leaving = this.loaded().filter(({ resolved }) => resolved.name === name);
    if (leaving.length === 0) await this.resolve(name);
    const kept = this.#routes.get(this.defaultReference)?.current;
    if (kept && leaving.includes(kept))
      throw new RookeryError('MODEL_IN_USE', { detail: `${kept.resolved.key} answers requests that name no model` });
    for (const hosted of leaving) {
      this.#routes.forget(hosted);
      hosted.retired = true;
    }
  }

  /** The warm form of a model that the caller has loaded. It stays in memory as long as it is used; no name leads to it. */
  async useModel(model: ServingModel): Promise<ModelLease> {
    if (this.#closed) throw closed();
    return this.#models.open(ofModel(model), { beside: true }).use();
  }

  /** Loads a reference and lets it be found warm from now on. What other references mean is looked up again. */
  async load(reference: string): Promise<HostedModel> {
    const hosted = await this.#open(reference);
    await hosted.opened;
    await this.follow();
    return hosted;
  }

  /** Whether requests are answered under this alias now: they would be answered by another version once it moves. */
  answersUnder(name: string, alias: string): boolean {
    return this.#routes.has(`${name}:${alias}`) || (alias === 'production' && this.#routes.has(name));
  }

  /**
   * Looks up what every reference means now, and moves those that mean another version, also to one that could not be loaded a moment ago.
   * Resolves when they have moved.
   */
  follow(): Promise<void> {
    this.#refusals.clear();
    return this.#follow();
  }

  #follow(): Promise<void> {
    // One under way may have looked before what this caller changed: another one follows it.
    if (this.#following) {
      this.#next ??= this.#following.then(() => this.#follow());
      return this.#next;
    }
    this.#following = this.#followAll().finally(() => {
      this.#following = undefined;
      this.#next = undefined;
    });
    return this.#following;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#models[Symbol.asyncDispose]();
  }

  /** One at a time for each reference, however many ask. */
  #open(reference: string): Promise<HostedModel> {
    const known = this.#opening.get(reference);
    if (known) return known;
    const opening = this.#openNow(reference).finally(() => this.#opening.delete(reference));
    this.#opening.set(reference, opening);
    return opening;
  }

  async #openNow(reference: string): Promise<HostedModel> {
    const rollout = await this.#options.source.rollout(reference);
    const resolved = await this.#resolveVersion(reference, rollout);
    if (this.#closed) throw closed();
    const hosted = this.#models.open(resolved, { beside: reference === this.defaultReference });
    // In use while it loads, so that nobody takes its place.
    using _ = await hosted.use();
    await this.#point(reference, hosted, rollout);
    return hosted;
  }

  /** A model that was given as a file lies in no registry, under no version that a reference could name. */
  #resolveVersion(reference: string, { name, version, alias }: Rollout): Promise<ResolvedModel> {
    return this.#options.source.resolve(alias === undefined ? reference : `${name}@${version}`);
  }

  /** The versions beside it warm up first: from its first picture on each meets the version that it always meets. */
  async #point(reference: string, hosted: HostedModel, rollout: Rollout): Promise<void> {
    hosted.retired = false;
    const { source, log } = this.#options;
    const onSettled = (): void => void this.#follow();
    // In use until they are pointed at, so that nobody takes their place.
    using beside = await versionsBeside(rollout, { source, models: this.#models, onSettled, log });
    this.#routes.point(reference, {
      current: hosted,
      beside: beside.route,
      seen: JSON.stringify(rollout),
      isMissing: beside.isMissing,
    });
  }

  async #followAll(): Promise<void> {
    for (const [reference, route] of this.#routes.inUse()) {
      if (this.#closed) return;
      // A version never changes.
      if (!reference.includes('@')) await this.#followOne(reference, route);
    }
  }

  async #followOne(reference: string, route: Route): Promise<void> {
    const { log, source } = this.#options;
    let seen = '';
    try {
      const rollout = await source.rollout(reference);
      seen = JSON.stringify(rollout);
      if (route.seen === seen && performance.now() < route.againAt) return;
      if (this.#refusals.has(reference, seen)) return;
      const resolved = await this.#resolveVersion(reference, rollout);
      const { message, ...what } = changeOf(
        { rollout: JSON.parse(route.seen), key: route.current.resolved.key },
        { rollout, key: resolved.key },
      );
      log.info({ reference, ...what }, message);
      const next = this.#models.open(resolved, { beside: true });
      using _ = await next.use();
      await this.#point(reference, next, rollout);
      this.#refusals.delete(reference);
    } catch (err) {
      if (err instanceof RookeryError && err.code === 'MODEL_NOT_FOUND' && reference !== this.defaultReference)
        this.#routes.delete(reference);
      else this.#refused(reference, seen, err);
    }
  }

  /** Reading and verifying a model again and again would cost more than it is worth, and say no more. */
  #refused(reference: string, seen: string, err: unknown): void {
    this.#refusals.add(reference, seen);
    this.#options.log.warn({ err, reference }, 'a reference could not be followed: the version before goes on');
  }
}

const closed = (): RookeryError => new RookeryError('ABORTED', { detail: 'the service is shutting down' });
