import type { HostedModel } from './hosted-model.ts';
import type { RolloutRoute } from './rollout/rollout-route.ts';

/** What a reference means now. */
export interface Route {
  readonly current: HostedModel;
  usedAt: number;
  /** The versions beside it. */
  readonly beside: RolloutRoute | undefined;
  /** What the reference meant when it was looked at. */
  readonly seen: string;
  /** Something beside it could not be loaded: it is tried again then. */
  readonly againAt: number;
}

/** A reference that nobody used for so long is forgotten; its model may leave. */
const forgetAfterMs = 10 * 60_000;
const maxReferences = 1_000;
/** Until a canary or shadow that could not be loaded, or had to leave, is tried again. */
const besideAgainMs = 60_000;

/** What each reference that somebody uses means now. The default one is never forgotten. */
export class Routes {
  readonly #default: string;
  readonly #routes = new Map<string, Route>();

  constructor(defaultReference: string) {
    this.#default = defaultReference;
  }

  get(reference: string): Route | undefined {
    return this.#routes.get(reference);
  }

  has(reference: string): boolean {
    return this.#routes.has(reference);
  }

  delete(reference: string): void {
    this.#routes.delete(reference);
  }

  /** Those in use, as they are now; the others are forgotten. */
  inUse(): readonly (readonly [reference: string, route: Route])[] {
    for (const [reference, { usedAt }] of this.#routes)
      if (reference !== this.#default && performance.now() - usedAt > forgetAfterMs) this.#routes.delete(reference);
    return [...this.#routes];
  }

  /** Answers requests that name no model. */
  isDefault(hosted: HostedModel): boolean {
    return modelsOf(this.#routes.get(this.#default)).includes(hosted);
  }

  /** From now on the reference means this. What it meant before may leave, unless another one means it too. */
  point(
    reference: string,
    { isMissing, ...route }: Pick<Route, 'current' | 'beside' | 'seen'> & { readonly isMissing: boolean },
  ): void {
    const before = modelsOf(this.#routes.get(reference));
    const againAt = isMissing ? performance.now() + besideAgainMs : Number.POSITIVE_INFINITY;
    this.#routes.set(reference, { ...route, usedAt: performance.now(), againAt });
    for (const each of before) if (!this.#isMeant(each)) each.retired = true;
    if (this.#routes.size > maxReferences) this.#forgetOldest();
  }

  /** A model that has left memory: no reference leads to it any more. */
  forget(hosted: HostedModel): void {
    for (const [reference, route] of this.#routes) {
      if (route.current === hosted) this.#routes.delete(reference);
      else if (route.beside?.models.includes(hosted))
        this.#routes.set(reference, { ...route, beside: undefined, againAt: performance.now() + besideAgainMs });
    }
  }

  #isMeant(hosted: HostedModel): boolean {
    return [...this.#routes.values()].some((route) => modelsOf(route).includes(hosted));
  }

  #forgetOldest(): void {
    const [oldest] = [...this.#routes]
      .filter(([reference]) => reference !== this.#default)
      .sort(([, a], [, b]) => a.usedAt - b.usedAt);
    if (oldest) this.#routes.delete(oldest[0]);
  }
}

const modelsOf = (route: Route | undefined): readonly HostedModel[] =>
  route ? [route.current, ...(route.beside?.models ?? [])] : [];
