import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asRookeryError, type Prediction } from '@rookery/contracts';
import { createCaptionRenderer } from './caption.ts';
import { openPicture } from './open-picture.ts';
import { Slots } from './slots.ts';

/** Whole pictures are held decoded. */
const atATime = 2;
const jpegName = /\.(?:jpe?g|jpe|jfif)(?:-\d+)?$/i;

/** Writes a copy of a picture with its labels in a bar below it. */
type Annotator = (name: string, bytes: Uint8Array<ArrayBuffer>, predictions: readonly Prediction[]) => Promise<void>;

/** JPEG stays JPEG, everything else becomes PNG. @throws STORE_* where the copy cannot be written. */
export function createAnnotator(folder: string): Annotator {
  const slots = new Slots(atATime);
  const renderCaption = createCaptionRenderer();
  return (name, bytes, predictions) =>
    slots.run(0, async () => {
      const { picture, width, height, jpeg } = await openPicture(bytes);
      const caption = await renderCaption(predictions, { width, height });
      const wider = Math.max(0, caption.width - width);
      const left = Math.floor(wider / 2);
      const copy = picture
        .extend({ bottom: caption.height, left, right: wider - left, background: caption.background })
        .composite([{ input: caption.png, left: 0, top: height }]);
      const data = await (jpeg ? copy.jpeg({ quality: 90 }) : copy.png()).toBuffer();
      const file = jpeg ? (jpegName.test(name) ? name : `${name}.jpg`) : name.endsWith('.png') ? name : `${name}.png`;
      await writeFile(join(folder, file), data).catch((error: unknown) => {
        throw asRookeryError(error, 'STORE_UNAVAILABLE');
      });
    });
}
