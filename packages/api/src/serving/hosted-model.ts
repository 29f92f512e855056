import { asRookeryError, type Digest, type ServingModel } from '@rookery/contracts';
import type { Classification, Classifier } from '@rookery/inference';
import type { RolloutCounts } from '@rookery/telemetry';
import type { ResolvedModel } from './model-source.ts';
import type { ServedPicture } from './served-picture.ts';

export type HostedState = 'loading' | 'warm' | 'draining';

/** A picture's labels, and which version gave them where that is not the lease's. */
export interface Answer extends Classification {
  readonly version?: string;
}

/** Lets one version label a picture, whose bytes are given away. */
export type LabelBy = (lease: ModelLease, picture: ServedPicture) => Promise<Classification>;

export interface TurnOptions {
  readonly counts: RolloutCounts;
  /** Pictures come as values of the main version's input: who has another one gets none. @default false */
  readonly pixels?: boolean;
}

/** One version's turn at the pictures of a key; in use until it is disposed. */
export interface Turn extends Disposable {
  /** Who answers: the canary, or the lease that the turn was asked for with. */
  readonly lease: ModelLease;
  /** @throws what `label` throws */
  label(picture: ServedPicture, label: LabelBy): Promise<Classification>;
}

/** The versions under one reference: who labels pictures, and who labels them too. */
export interface Versions {
  turn(key: string, stable: ModelLease, options: TurnOptions): Promise<Turn>;
}

/** A model in use until it is released. */
export interface ModelLease extends Disposable {
  readonly hosted: HostedModel;
  readonly classifier: Classifier;
  /** The versions beside it, where the reference has any. */
  readonly versions?: Versions | undefined;
}

/** One version in one variant, warm or on the way there, and who uses it. */
export class HostedModel implements AsyncDisposable {
  readonly opened: Promise<Classifier>;
  /** Where it was asked for by name: not closed when it is merely idle. */
  lastUsed = performance.now();
  /** Pictures. */
  answered = 0;
  #classifier: Classifier | undefined;
  #model: ServingModel | undefined;
  #users = 0;
  #retired = false;
  #onIdle: () => void;

  constructor(
    readonly resolved: ResolvedModel,
    open: (model: ServingModel) => Promise<Classifier>,
    onIdle: (self: HostedModel) => void,
  ) {
    this.#onIdle = () => onIdle(this);
    this.opened = resolved.load().then(
      async (model) => {
        this.#model = model;
        this.#classifier = await open(model);
        return this.#classifier;
      },
      (thrown: unknown) => {
        throw asRookeryError(thrown, 'MODEL_INVALID');
      },
    );
    this.opened.catch(() => undefined);
  }

  /** Undefined until it is warm. */
  get classifier(): Classifier | undefined {
    return this.#classifier;
  }

  /** What it was loaded from; undefined while it is read. */
  get model(): ServingModel | undefined {
    return this.#model;
  }

  /** Digest of the pin, once it is warm. */
  get digest(): Digest | undefined {
    return this.#classifier?.model;
  }

  get users(): number {
    return this.#users;
  }

  get state(): HostedState {
    if (!this.#classifier) return 'loading';
    return this.#retired ? 'draining' : 'warm';
  }

  /** Another version took over: who uses it finishes, nobody else comes. */
  get retired(): boolean {
    return this.#retired;
  }

  set retired(retired: boolean) {
    this.#retired = retired;
    if (this.#users === 0) this.#onIdle();
  }

  /** @throws what opening it failed with. */
  async use(versions?: Versions): Promise<ModelLease> {
    this.#users++;
    try {
      return this.#lease(this.#classifier ?? (await this.opened), versions);
    } catch (thrown) {
      this.#leave();
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#retired = true;
    const classifier = await this.opened.catch(() => undefined);
    await classifier?.[Symbol.asyncDispose]();
  }

  #lease(classifier: Classifier, versions: Versions | undefined): ModelLease {
    let held = true;
    return {
      hosted: this,
      classifier,
      versions,
      [Symbol.dispose]: () => {
        if (held) this.#leave();
        held = false;
      },
    };
  }

  #leave(): void {
    this.#users--;
    this.lastUsed = performance.now();
    if (this.#users === 0) this.#onIdle();
  }
}
