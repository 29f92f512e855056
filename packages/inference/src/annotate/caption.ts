import type { Prediction } from '@rookery/contracts';

/** Labels as a picture: a bar as wide as the picture it belongs to, or as wide as text needs to be readable. */
export interface Caption {
  readonly png: Buffer;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly background: string;
}

interface CaptionOptions {
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly fontFile: string;
}

const background = '#14171c';
/** Pixels: below this no text fits beside a number. */
const narrowest = 240;
const smallestFont = 13;
const largestFont = 160;

/** Renders captions with a font of the caller's; characters that it lacks are taken from the machine's fonts where there are any. */
export async function renderCaption(
  predictions: readonly Prediction[],
  { width: pictureWidth, height: pictureHeight, fontFile }: CaptionOptions,
): Promise<Caption> {
  const { default: sharp } = await import('sharp');
  const width = Math.max(narrowest, pictureWidth);
  // A share of the picture, so that the text is readable at the size at which the picture is looked at.
  const font = Math.round(
    Math.min(largestFont, Math.max(smallestFont, Math.sqrt(width * Math.min(pictureHeight, width)) / 26)),
  );
  const margin = Math.round(font * 0.7);
  const text = await sharp({
    text: {
      text: markup(predictions),
      font: `DejaVu Sans Bold ${font}`,
      fontfile: fontFile,
      width: width - 2 * margin,
      wrap: 'word-char',
      spacing: Math.round(font * 0.35),
      // One point is one pixel.
      dpi: 72,
      rgba: true,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  const height = text.info.height + 2 * margin;
  const png = await sharp({ create: { width, height, channels: 3, background } })
    .composite([{ input: text.data, left: margin, top: margin }])
    .png()
    .toBuffer();
  return { png, width, height, background };
}

/** A line a label, the first one bright, in Pango's markup. */
function markup(predictions: readonly Prediction[]): string {
  if (predictions.length === 0) return '<span foreground="#9aa4b2">no label above the threshold</span>';
  return predictions
    .map(({ label, score }, at) => {
      const colour = at === 0 ? '#ffffff' : '#9aa4b2';
      return `<span foreground="${colour}">${score.toFixed(2)}  ${escaped(label)}</span>`;
    })
    .join('\n');
}

/** Labels come from anywhere: nothing of them is markup, and what no XML may hold is left out. */
const escaped = (label: string): string =>
  label
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
