import { type Prediction, RookeryError } from '@rookery/contracts';
import { annotatePicture } from '@rookery/inference';
import type { ApiContext } from '../api-context.ts';
import type { ModelLease } from './hosted-model.ts';
import type { PictureWork } from './picture-work.ts';
import { Semaphore } from './semaphore.ts';

/** Of the parts of the stream, as the original called it. */
export const frameBoundary = 'frame';

/** A picture that is read when its turn comes. */
export interface NamedPicture {
  readonly name: string;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Pictures held decoded at the same time. */
const drawnAtATime = 2;

/** Writes pictures with their labels drawn on them as parts of a stream. */
export class Drawing {
  readonly #slots = new Semaphore(drawnAtATime);
  readonly #context: Pick<ApiContext, 'captionFont' | 'log'>;
  readonly #entries: number;

  constructor(context: Pick<ApiContext, 'captionFont' | 'log'>, entries: number) {
    this.#context = context;
    this.#entries = entries;
  }

  /** A picture of several that cannot be labelled is left out. @throws what a lone one, or the last of none, failed with. */
  async *frames(pictures: readonly NamedPicture[], lease: ModelLease, work: PictureWork): AsyncGenerator<Buffer> {
    let written = 0;
    for (const [at, picture] of pictures.entries()) {
      try {
        const bytes = await picture.read();
        // A copy: the classifier takes its bytes away.
        const { predictions } = await work.classify(lease, bytes.slice(), this.#entries);
        const jpeg = await this.#draw(bytes, predictions, lease, work);
        written += 1;
        yield Buffer.concat([
          Buffer.from(`--${frameBoundary}\r\nContent-Type: image/jpeg\r\n\r\n`),
          jpeg,
          Buffer.from('\r\n'),
        ]);
      } catch (thrown) {
        const last = at === pictures.length - 1;
        if (work.signal.aborted || (last && written === 0)) throw thrown;
        this.#context.log.debug({ err: thrown, picture: picture.name }, 'a picture was left out');
      }
    }
  }

  async #draw(
    bytes: Uint8Array<ArrayBuffer>,
    predictions: readonly Prediction[],
    { classifier }: ModelLease,
    { signal }: PictureWork,
  ): Promise<Buffer> {
    const { captionFont } = this.#context;
    if (captionFont === undefined)
      throw new RookeryError('NOT_IMPLEMENTED', { detail: 'annotated pictures: this service has no font' });
    const { maxPixels } = classifier.pin;
    const { data } = await this.#slots.run(signal, () =>
      annotatePicture(bytes, predictions, { fontFile: captionFont, format: 'jpeg', maxPixels }),
    );
    return data;
  }
}
