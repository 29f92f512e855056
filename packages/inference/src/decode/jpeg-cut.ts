import { jpegHeader } from './jpeg-header.ts';
import { type JpegComponent, type JpegScans, jpegScans } from './jpeg-scans.ts';

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
 * Where the scans end that a picture needs at this scale. `undefined`: it needs them all. Colour that has fewer samples than brightness is
 * seen less sharply anyway: its means have to be there, the rest only where no scan of brightness comes before it.
 */
export function neededBytes({ progressive, components, scans }: JpegScans, shrink: Shrink): number | undefined {
  if (!progressive) return undefined;
  const need = needs[shrink];
  const known = components.map(() => new Uint8Array(64).fill(unknown));
  const has = (place: number, part: Need): boolean => isKnown(known[place] as Uint8Array, part);
  const isSharp = (_: JpegComponent, place: number): boolean => has(place, need);
  const mayBeSoft = (component: JpegComponent): boolean => samplesOf(component) < samplesOf(components[0]);
  const suffices = (component: JpegComponent, place: number): boolean =>
    has(place, mayBeSoft(component) ? { ...need, coefficients: 1 } : need);
  for (const [index, { components: sent, first, last, lowBit, end }] of scans.slice(0, -1).entries()) {
    for (const place of sent) known[place]?.fill(lowBit, first, last + 1);
    const nextIsBrightness = scans[index + 1]?.components.includes(0) === true;
    if (components.every(nextIsBrightness ? suffices : isSharp)) return end;
  }
  return undefined;
}

const samplesOf = (component: JpegComponent | undefined): number => (component ? component.across * component.down : 0);

const isKnown = (bits: Uint8Array, { coefficients, meanBit, lowBit }: Need): boolean =>
  bits.subarray(0, coefficients).every((bit, place) => bit <= (place === 0 ? meanBit : lowBit));

/**
 * A JPEG without the scans that are not seen at this scale; the same bytes where all are, as in a baseline one. `undefined` for a
 * progressive one that is not plainly in order from beginning to end: only decoding all of it says whether there is something wrong.
 */
export function cutJpeg(bytes: Uint8Array<ArrayBuffer>, shrink: Shrink): Uint8Array<ArrayBuffer> | undefined {
  if (jpegHeader(bytes)?.coefficientBytes === 0) return bytes;
  const scans = jpegScans(bytes);
  if (!scans) return undefined;
  const end = neededBytes(scans, shrink);
  if (end === undefined) return bytes;
  const cut = new Uint8Array(end + endOfImage.length);
  cut.set(bytes.subarray(0, end));
  cut.set(endOfImage, end);
  return cut;
}
