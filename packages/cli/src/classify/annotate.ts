import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asRookeryError, type Prediction } from '@rookery/contracts';
import { annotatePicture } from '@rookery/inference';
import { captionFont } from './caption-font.ts';
import { Slots } from './slots.ts';

/** Whole pictures are held decoded. */
const atATime = 2;
const jpegName = /\.(?:jpe?g|jpe|jfif)(?:-\d+)?$/i;

/** Writes a copy of a picture with its labels in a bar below it. */
type Annotator = (name: string, bytes: Uint8Array<ArrayBuffer>, predictions: readonly Prediction[]) => Promise<void>;

/** JPEG stays JPEG, everything else becomes PNG. @throws STORE_* where the copy cannot be written. */
export function createAnnotator(folder: string): Annotator {
  const slots = new Slots(atATime);
  const fontFile = captionFont();
  return (name, bytes, predictions) =>
    slots.run(0, async () => {
      const { data, format } = await annotatePicture(bytes, predictions, { fontFile, format: 'same' });
      const named = format === 'jpeg' ? jpegName.test(name) : name.endsWith('.png');
      const file = named ? name : `${name}.${format === 'jpeg' ? 'jpg' : 'png'}`;
      await writeFile(join(folder, file), data).catch((error: unknown) => {
        throw asRookeryError(error, 'STORE_UNAVAILABLE');
      });
    });
}
