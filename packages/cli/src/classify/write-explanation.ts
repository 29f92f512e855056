import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asRookeryError } from '@rookery/contracts';
import { overlayPicture } from '@rookery/inference';
import type { Labelled } from './picture.ts';
import { Slots } from './slots.ts';

/** Whole pictures are held decoded. */
const atATime = 2;

/** For each label of a picture, writes the picture with the label's map over it, the map alone, and how they were made. */
type ExplanationWriter = (name: string, bytes: Uint8Array<ArrayBuffer>, labelled: Labelled) => Promise<void>;

/** `NAME.1-label.jpg`, `NAME.1-label.heat.png` for the best label, `NAME.json` for all. @throws STORE_* where they cannot be written. */
export function explanationWriter(folder: string): ExplanationWriter {
  const slots = new Slots(atATime);
  const write = (file: string, data: Uint8Array | string) =>
    writeFile(join(folder, file), data).catch((error: unknown) => {
      throw asRookeryError(error, 'STORE_UNAVAILABLE');
    });
  return (name, bytes, { explanation, predictions }) =>
    slots.run(0, async () => {
      if (!explanation) return;
      const { method, error, columns, rows, area } = explanation;
      const maps = explanation.maps.slice(0, predictions.length);
      const files: { label: string; index: number; score: number; overlay: string; heat: string; cells: number[] }[] =
        [];
      for await (const { overlay, heat } of overlayPicture(bytes, { ...explanation, maps })) {
        const place = files.length;
        const { label = '', index = 0, score = 0 } = predictions[place] ?? {};
        const base = `${name}.${place + 1}-${slug(label)}`;
        const cells = Array.from(maps[place]?.heat ?? [], (value) => Math.round(value * 1e4) / 1e4);
        files.push({ label, index, score, overlay: `${base}.jpg`, heat: `${base}.heat.png`, cells });
        await write(`${base}.jpg`, overlay);
        await write(`${base}.heat.png`, heat);
      }
      await write(`${name}.json`, `${JSON.stringify({ method, error, columns, rows, area, maps: files })}\n`);
    });
}

/** A label as part of a file name. */
const slug = (label: string): string =>
  label
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40) || 'label';
