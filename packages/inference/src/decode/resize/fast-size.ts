import type { Preprocessing } from '@rookery/contracts';
import type { Shrink } from '../jpeg/jpeg-cut.ts';
import { placementOf } from './placement.ts';

/** How small a picture may be decoded for a model. */
export interface FastSize {
  readonly shrink: Shrink;
  /** What libvips is asked for: with more, it would not shrink as much while it decodes. Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Below it there is nothing to skip that the model would not see. */
const leastReduction = 2;

/** How many times a picture is larger than what the model sees of it, in the direction in which it is less. */
function reductionOf(
  pictureWidth: number,
  pictureHeight: number,
  to: Pick<Preprocessing, 'width' | 'height' | 'resize' | 'kernel'>,
): number {
  const { resizedWidth, resizedHeight } = placementOf(pictureWidth, pictureHeight, to);
  return Math.min(pictureWidth / resizedWidth, pictureHeight / resizedHeight);
}

/** The smallest scale of a JPEG at which it is at least as large as what the model sees of it. `undefined`: every pixel is needed. */
export function jpegShrink(
  pictureWidth: number,
  pictureHeight: number,
  to: Pick<Preprocessing, 'width' | 'height' | 'resize' | 'kernel'>,
): Exclude<Shrink, 1> | undefined {
  const reduction = reductionOf(pictureWidth, pictureHeight, to);
  return ([8, 4, 2] as const).find((each) => reduction >= each);
}

/**
 * The smallest scale at which a picture is at least as large as what the model sees of it. libvips shrinks by 8 while it decodes where it
 * is asked for a ninth, by 4 for a fifth, by 2 for a third, and resizes the rest of the way. `undefined`: every pixel is needed.
 */
export function fastSize(
  pictureWidth: number,
  pictureHeight: number,
  to: Pick<Preprocessing, 'width' | 'height' | 'resize' | 'kernel'>,
): FastSize | undefined {
  const reduction = reductionOf(pictureWidth, pictureHeight, to);
  if (reduction < leastReduction) return undefined;
  const shrink = ([8, 4, 2] as const).find((each) => reduction >= each + 1) ?? 1;
  const part = shrink === 1 ? 1 : shrink + 1;
  return { shrink, width: Math.floor(pictureWidth / part), height: Math.floor(pictureHeight / part) };
}
