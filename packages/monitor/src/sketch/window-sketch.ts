import type { ResultLine } from '@rookery/contracts';
import { type Axis, type AxisName, axes, axisNames, binOf } from './axes.ts';
import { entropyOf } from './entropy.ts';
import { addClass, type Window } from './window.ts';

/** What a line does not hold: measured on the model's input. */
export interface Look {
  /** Mean of the luma, 0 to 255. */
  readonly brightness: number;
  /** Mean absolute Laplacian of the luma. */
  readonly sharpness: number;
}

export interface WindowSketchOptions {
  /** Digest of the pin. */
  readonly model: string;
  /** `name@version`. */
  readonly name?: string | undefined;
}

type SeenLine = Pick<ResultLine, 'width' | 'height' | 'predictions' | 'error'>;

/** Takes lines and keeps counts: a few kilobytes and one per class, however many pictures come. */
export class WindowSketch {
  readonly #options: WindowSketchOptions;
  readonly #histograms: Record<AxisName, Uint32Array>;
  readonly #classes = new Map<string, number>();
  #pictures = 0;
  #failed = 0;
  #top = -1;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  constructor(options: WindowSketchOptions) {
    this.#options = options;
    this.#histograms = Object.fromEntries(axisNames.map((name) => [name, new Uint32Array(axes[name].bins)])) as Record<
      AxisName,
      Uint32Array
    >;
  }

  get pictures(): number {
    return this.#pictures;
  }

  /** `at`: milliseconds since the epoch. */
  add({ width, height, predictions, error }: SeenLine, at: number): void {
    this.#pictures++;
    this.#from = Math.min(this.#from, at);
    this.#to = Math.max(this.#to, at);
    const [best] = predictions;
    if (error || !best) {
      this.#failed++;
      return;
    }
    addClass(this.#classes, best.label, 1);
    this.#top = this.#top === -1 || this.#top === predictions.length ? predictions.length : 0;
    this.#count('confidence', best.score);
    this.#count('entropy', entropyOf(predictions.map(({ score }) => score)));
    if (width === null || height === null) return;
    this.#count('pixels', width * height);
    this.#count('shape', width / height);
  }

  /** Of any picture of the window: there may be fewer looks than lines. */
  look({ brightness, sharpness }: Look): void {
    this.#count('brightness', brightness);
    this.#count('sharpness', sharpness);
  }

  window(): Window {
    const { model, name = null } = this.#options;
    const [from, to] = this.#pictures === 0 ? [0, 0] : [this.#from, this.#to];
    return {
      v: 1,
      model,
      name,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      pictures: this.#pictures,
      failed: this.#failed,
      top: Math.max(0, this.#top),
      classes: Object.fromEntries(this.#classes),
      histograms: Object.fromEntries(
        axisNames.map((axis) => [axis, [...this.#histograms[axis]]]),
      ) as Window['histograms'],
    };
  }

  #count(name: AxisName, value: number): void {
    const bins = this.#histograms[name];
    const axis: Axis = axes[name];
    const bin = binOf(value, axis);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
}
