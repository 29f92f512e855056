import type { Preprocessing } from '@rookery/contracts';
import { RookeryError } from '@rookery/contracts';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { ThreadData } from '../messages.ts';
import { createSession } from '../session.ts';
import { compute } from '../thread-state.ts';
import { bilinearTaps, type Taps } from './bilinear-taps.ts';
import { type Placement, placementOf } from './placement.ts';
import type { Pixels } from './sharp-decoder.ts';

/** Sizes whose taps are kept: pictures of one source often have one size. */
const keptSizes = 64;

/** The graph's feeds for pictures of one size. */
interface Plan {
  readonly placement: Placement;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** Resizes with the exact kernels, which run as a small graph in this thread. */
export class Resizer {
  readonly #plans = new Map<string, Plan>();
  #session: Promise<InferenceSession> | undefined;

  constructor(private readonly thread: Pick<ThreadData, 'model' | 'state'>) {}

  /** Loads the graph, unless that was done. */
  load(): Promise<InferenceSession> {
    const { resizeGraph, preprocessing } = this.thread.model;
    if (!resizeGraph)
      throw new RookeryError('MODEL_INVALID', { detail: `${preprocessing.kernel} needs a resize graph` });
    // Sizes differ from picture to picture: patterns of memory would be kept for each.
    this.#session ??= createSession(this.thread.state, resizeGraph, { threads: 1, enableMemPattern: false });
    return this.#session;
  }

  /** Writes the resized picture into `slot`, which holds height x width x 3 values; black where it does not reach. */
  async resize(picture: Pixels, slot: Uint8Array | Float32Array): Promise<void> {
    const session = await this.load();
    const { placement, feeds } = this.#plan(picture.width, picture.height);
    const input = new Tensor('uint8', picture.data, [picture.height, picture.width, 3]);
    const results = await compute(this.thread.state, () => session.run({ ...feeds, picture: input }));
    const data = results?.['resized']?.data;
    if (!(data instanceof Uint8Array || data instanceof Float32Array)) throw new RookeryError('ABORTED');
    place(data, slot, placement, this.thread.model.preprocessing);
  }

  #plan(width: number, height: number): Plan {
    const key = `${width}x${height}`;
    const plan = this.#plans.get(key) ?? planFor(width, height, this.thread.model.preprocessing);
    // Most recent last.
    this.#plans.delete(key);
    this.#plans.set(key, plan);
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > keptSizes && oldest !== undefined) this.#plans.delete(oldest);
    return plan;
  }
}

function planFor(width: number, height: number, to: Preprocessing): Plan {
  const placement = placementOf(width, height, to);
  const { resizedWidth, resizedHeight, cropLeft, cropTop } = placement;
  const across = bilinearTaps(to.kernel, width, resizedWidth, cropLeft, placement.width);
  const down = bilinearTaps(to.kernel, height, resizedHeight, cropTop, placement.height);
  return { placement, feeds: { ...axis('top', 'bottom', 'down', down), ...axis('left', 'right', 'across', across) } };
}

const axis = (low: string, high: string, weight: string, taps: Taps): Record<string, Tensor> => ({
  [low]: new Tensor('int64', taps.low, [taps.low.length]),
  [high]: new Tensor('int64', taps.high, [taps.high.length]),
  [weight]: new Tensor('float32', taps.weight, [taps.weight.length]),
});

function place(
  from: Uint8Array | Float32Array,
  slot: Uint8Array | Float32Array,
  { width, height, left, top }: Placement,
  to: Preprocessing,
): void {
  if (width === to.width && height === to.height) {
    slot.set(from);
    return;
  }
  slot.fill(0);
  for (let row = 0; row < height; row++) {
    slot.set(from.subarray(row * width * 3, (row + 1) * width * 3), ((top + row) * to.width + left) * 3);
  }
}
