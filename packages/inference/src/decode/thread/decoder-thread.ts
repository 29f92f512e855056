import { parentPort } from 'node:worker_threads';
import { asRookeryError, type RookeryError } from '@rookery/contracts';
import {
  type DecoderData,
  type DecoderRequest,
  type DecodersBusy,
  now,
  type ResizedPicture,
  type ThreadReport,
} from '../../messages.ts';
import { decodePixels, decodeResized } from '../decode-pixels.ts';
import { decodeCut, decodeFast } from '../fast-decoder.ts';
import { libvips } from '../libvips/libvips.ts';
import type { Pixels } from '../libvips/sharp-decoder.ts';
import { type Look, lookOf } from '../look.ts';
import { type Probed, probe } from '../probe.ts';
import { ExactResizer } from '../resize/exact-resizer.ts';
import { placePixels } from '../resize/place-pixels.ts';
import { DecodeQueue } from './decode-queue.ts';
import { PixelBuffers, type PixelRoom } from './pixel-buffers.ts';
import { PixelGarbage } from './pixel-garbage.ts';
import { SlotPool } from './slot-pool.ts';

type Request<Type> = Extract<DecoderRequest, { type: Type }> & { readonly acceptedAt: number };
type Picture = Request<'picture'>;

const libvipsAfterMs = 1_000;
/** Two photographs of five million pixels. */
const keptPixelBytes = 32 * 1024 * 1024;

/**
 * Encoded pictures in, resized pictures out to the engine. Decoding runs in libuv's pool; this thread only hands out work and resizes.
 * Decoded pixels never leave it.
 */
export class DecoderThread {
  readonly #queue: DecodeQueue;
  readonly #slots: SlotPool;
  /** `undefined`: libvips resizes while it decodes. */
  readonly #resizer: ExactResizer | undefined;
  readonly #buffers = new PixelBuffers(keptPixelBytes);
  readonly #garbage = new PixelGarbage();
  /** Given up by the main thread, and not to be waited for in the queue any more. */
  readonly #dropped = new Set<number>();
  readonly #begun = new Set<number>();

  constructor(
    private readonly data: DecoderData,
    private readonly report: (report: ThreadReport) => void,
  ) {
    report({ type: 'decoder-ready' });
    // Who lives that long gets pictures of all kinds, and none should wait for it.
    setTimeout(() => void libvips().catch(() => undefined), libvipsAfterMs).unref();
    const { decoders, budgetBytes } = data;
    this.#queue = new DecodeQueue({ decoders, budgetBytes }, (busy) =>
      data.peer.postMessage({ type: 'decoders', busy } satisfies DecodersBusy),
    );
    this.#slots = new SlotPool(data);
    const { preprocessing } = data.model;
    if (preprocessing.kernel.startsWith('bilinear-')) this.#resizer = new ExactResizer(preprocessing);
  }

  accept(request: DecoderRequest): void {
    if (request.type === 'picture') void this.#begin({ ...request, acceptedAt: now() });
    else if (request.type === 'pixels') void this.#place({ ...request, acceptedAt: now() });
    else if (request.type === 'drop') this.#drop(request.id);
    else this.#stop();
  }

  free(slots: readonly number[]): void {
    this.#slots.free(slots);
  }

  /** Reads the header and lets the picture wait for its turn. */
  async #begin(picture: Picture): Promise<void> {
    this.#begun.add(picture.id);
    try {
      const probed = await probe(picture.bytes, this.data.maxPixels);
      if (this.#isDropped(picture.id)) return;
      this.#queue.add({
        id: picture.id,
        reserveBytes: probed.reserveBytes,
        cost: probed.reserveBytes + 8 * picture.bytes.length,
        run: async () => {
          if (probed.reserveBytes > this.data.budgetBytes / 2) await this.#garbage.collect();
          await this.#garbage.add(await this.#decode(picture, probed));
        },
      });
      // In the next turn, so that of pictures which arrive together the longest begins first.
      setImmediate(() => this.#queue.start());
    } catch (thrown) {
      this.#fail(picture.id, asRookeryError(thrown, 'PICTURE_CORRUPT'));
    }
  }

  /** @returns Bytes of pixels that are of no use any more. */
  async #decode(picture: Picture, probed: Probed): Promise<number> {
    const { id, top, scores, explain, acceptedAt } = picture;
    const startedAt = now();
    const room = this.#buffers.lend();
    try {
      const pixels = await this.#pixels(picture, probed, room);
      const garbage = room.holds(pixels.data) ? 0 : pixels.data.length;
      const decodedAt = now();
      const slot = await this.#slots.take();
      if (this.#isDropped(id)) {
        this.#slots.free([slot]);
        return garbage;
      }
      const view = this.#slots.view(slot);
      const isFast = this.data.model.decode === 'fast';
      if (this.#resizer) this.#resizer.resize(pixels, view, isFast ? probed : pixels);
      else view.set(pixels.data);
      this.#begun.delete(id);
      const { width, height } = this.#resizer && !isFast ? pixels : probed;
      const stages = { acceptedAt, startedAt, decodedAt };
      this.#pass({ type: 'resized', id, slot, top, scores, explain, width, height, look: this.#look(view), stages });
      return garbage;
    } catch (thrown) {
      this.#fail(id, asRookeryError(thrown, 'PICTURE_CORRUPT'));
      return 0;
    } finally {
      room.release();
    }
  }

  async #pixels({ bytes, isCut }: Picture, probed: Probed, room: PixelRoom): Promise<Pixels> {
    const { model, maxPixels } = this.data;
    if (isCut) return decodeCut(bytes, probed, maxPixels, model.preprocessing, room.take);
    const fast =
      model.decode === 'fast' && (await decodeFast(bytes, probed, maxPixels, model.preprocessing, room.take));
    if (fast) return fast;
    return this.#resizer
      ? decodePixels(bytes, probed, maxPixels, room.take)
      : decodeResized(bytes, probed, maxPixels, model.preprocessing, 'exact');
  }

  /** Pixels that need no decoding go straight to a slot. */
  async #place({ id, top, scores, explain, acceptedAt, bytes }: Request<'pixels'>): Promise<void> {
    this.#begun.add(id);
    const startedAt = now();
    const slot = await this.#slots.take();
    if (this.#isDropped(id)) {
      this.#slots.free([slot]);
      return;
    }
    try {
      const view = this.#slots.view(slot);
      placePixels(bytes, view);
      this.#begun.delete(id);
      const { width, height } = this.data.model.preprocessing;
      const stages = { acceptedAt, startedAt, decodedAt: now() };
      this.#pass({ type: 'resized', id, slot, top, scores, explain, width, height, look: this.#look(view), stages });
    } catch (thrown) {
      this.#slots.free([slot]);
      this.#fail(id, asRookeryError(thrown, 'PICTURE_CORRUPT'));
    }
  }

  #look(view: Uint8Array | Float32Array): Look {
    const { width, height } = this.data.model.preprocessing;
    return lookOf(view, width, height);
  }

  #pass(picture: ResizedPicture): void {
    this.data.peer.postMessage(picture);
  }

  #fail(id: number, error: RookeryError): void {
    if (this.#isDropped(id)) return;
    this.#begun.delete(id);
    this.report({ type: 'failed', id, failure: { code: error.code, detail: error.detail ?? '' } });
  }

  #drop(id: number): void {
    // What is with the engine already is answered by it.
    if (!this.#begun.has(id)) return;
    this.#dropped.add(id);
    if (this.#queue.remove(id)) this.#isDropped(id);
  }

  #isDropped(id: number): boolean {
    if (!this.#dropped.delete(id)) return false;
    this.#begun.delete(id);
    this.report({ type: 'dropped', id });
    return true;
  }

  /** Decodes in progress end by themselves, and the thread with them. */
  #stop(): void {
    this.data.peer.close();
    parentPort?.close();
  }
}
