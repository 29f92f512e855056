import type { Preprocessing } from '@rookery/contracts';
import { placementOf } from '../decode/resize/placement.ts';
import type { PictureArea } from './explanation.ts';

/** What of a picture of this size the model's input covers. */
export function pictureArea(width: number, height: number, to: Preprocessing): PictureArea {
  const { resizedWidth, resizedHeight, cropLeft, cropTop, left, top } = placementOf(width, height, to);
  return {
    left: (cropLeft - left) / resizedWidth,
    top: (cropTop - top) / resizedHeight,
    width: to.width / resizedWidth,
    height: to.height / resizedHeight,
  };
}
