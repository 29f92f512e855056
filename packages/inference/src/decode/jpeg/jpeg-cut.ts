import { jpegHeader } from './jpeg-header.ts';
import { type JpegComponent, type JpegScan, type JpegScans, jpegScans, walkScans } from './jpeg-scans.ts';

/** Side of the picture divided by it: what decoders of JPEG can do while they decode. */
export type Shrink = 1 | 2 | 4 | 8;

/** What has to be known of a component's blocks: so many coefficients in zigzag order, up to the lowest bit that is missed. */
interface Need {
  readonly coefficients: number;
  /** Of the first coefficient, the block's mean. */
  readonly meanBit: number;
  readonly lowBit: number;
}

/**
 * What a picture needs at each scale. A block is seen as 8, 4, 2 or 1 samples a side, which its first 64, 25, 5 or 1 coefficients make. The
 * last bits of them are worth a few levels of 256.
 */
const needs: Readonly<Record<Shrink, Need>> = {
  1: { coefficients: 64, meanBit: 1, lowBit: 1 },
  2: { coefficients: 25, meanBit: 1, lowBit: 2 },
  4: { coefficients: 5, meanBit: 1, lowBit: 2 },
  8: { coefficients: 1, meanBit: 1, lowBit: 1 },
};

const unknown = 255;
const endOfImage = [0xff, 0xd9];

/**
 * Told of one scan after the other, with the one that follows it: whether those so far are all that a picture needs at this scale. Colour that
 * has fewer samples than brightness is seen less sharply anyway: its means have to be there, the rest only where no scan of brightness comes
 * before it.
 */
export function sufficiency({ components }: Pick<JpegScans, 'components'>, shrink: Shrink) {
  const need = needs[shrink];
  const known = components.map(() => new Uint8Array(64).fill(unknown));
  const has = (place: number, part: Need): boolean => isKnown(known[place] as Uint8Array, part);
  const isSharp = (_: JpegComponent, place: number): boolean => has(place, need);
  const mayBeSoft = (component: JpegComponent): boolean => samplesOf(component) < samplesOf(components[0]);
  const suffices = (component: JpegComponent, place: number): boolean =>
    has(place, mayBeSoft(component) ? { ...need, coefficients: 1 } : need);
  return ({ components: sent, first, last, lowBit }: JpegScan, next: Pick<JpegScan, 'components'>): boolean => {
    for (const place of sent) known[place]?.fill(lowBit, first, last + 1);
    return components.every(next.components.includes(0) ? suffices : isSharp);
  };
}

const samplesOf = (component: JpegComponent | undefined): number => (component ? component.across * component.down : 0);

const isKnown = (bits: Uint8Array, { coefficients, meanBit, lowBit }: Need): boolean =>
  bits.subarray(0, coefficients).every((bit, place) => bit <= (place === 0 ? meanBit : lowBit));

/**
 * Where the scans end that a progressive JPEG needs at this scale, known as soon as the next one begins: `bytes` may be only the first of a
 * file. `whole`: it needs them all, or is not progressive. `short`: what is there is in order, and does not say it yet. `disordered`: what is
 * there is not plainly in order, so only decoding all of it says whether there is something wrong.
 */
export function jpegCutEnd(bytes: Uint8Array, shrink: Shrink): number | 'whole' | 'short' | 'disordered' {
  let suffices: ReturnType<typeof sufficiency> | undefined;
  let end = 0;
  const found = walkScans(bytes, (scan, next, frame) => {
    suffices ??= sufficiency(frame, shrink);
    end = scan.end;
    return frame.progressive && suffices(scan, next);
  });
  if (found === 'stopped') return end;
  return typeof found === 'string' ? found : 'whole';
}

/** A JPEG that ends here. */
export function closedJpeg(bytes: Uint8Array, end: number): Uint8Array<ArrayBuffer> {
  const cut = new Uint8Array(end + endOfImage.length);
  cut.set(bytes.subarray(0, end));
  cut.set(endOfImage, end);
  return cut;
}

/** Whether a file ends as JPEGs do: one that was cut off does not. */
export const endsAsJpeg = (lastTwo: Uint8Array): boolean => endOfImage.every((byte, at) => lastTwo.at(at - 2) === byte);

/**
 * A JPEG without the scans that are not seen at this scale; the same bytes where all are, as in a baseline one. `undefined` for a
 * progressive one that is not plainly in order up to there, or has no end: only decoding all of it says whether there is something wrong.
 * Nothing between is looked at, so that it need not be read.
 */
export function cutJpeg(bytes: Uint8Array<ArrayBuffer>, shrink: Shrink): Uint8Array<ArrayBuffer> | undefined {
  if (jpegHeader(bytes)?.coefficientBytes === 0) return bytes;
  const end = jpegCutEnd(bytes, shrink);
  if (end === 'whole') return bytes;
  if (typeof end === 'string') return undefined;
  return endsAsJpeg(bytes) || jpegScans(bytes) ? closedJpeg(bytes, end) : undefined;
}
