import type { Preprocessing } from '@rookery/contracts';

/** How a picture of one size lands in the model's input: resized to `resized*`, cut to `width x height` of it, put at `left`, `top`. */
export interface Placement {
  readonly resizedWidth: number;
  readonly resizedHeight: number;
  /** First column and row of the resized picture that is used. */
  readonly cropLeft: number;
  readonly cropTop: number;
  /** What is used of it. */
  readonly width: number;
  readonly height: number;
  /** Where it goes in the input; the rest stays black. */
  readonly left: number;
  readonly top: number;
}

/** Centred; halves of pixels go to the right and the bottom. */
export function placementOf(pictureWidth: number, pictureHeight: number, to: Preprocessing): Placement {
  const across = to.width / pictureWidth;
  const down = to.height / pictureHeight;
  const scale = to.resize === 'cover' ? Math.max(across, down) : Math.min(across, down);
  const stretch = to.resize === 'stretch';
  const resizedWidth = stretch || scale === across ? to.width : Math.max(1, Math.round(pictureWidth * scale));
  const resizedHeight = stretch || scale === down ? to.height : Math.max(1, Math.round(pictureHeight * scale));
  const width = Math.min(resizedWidth, to.width);
  const height = Math.min(resizedHeight, to.height);
  return {
    resizedWidth,
    resizedHeight,
    cropLeft: Math.floor((resizedWidth - width) / 2),
    cropTop: Math.floor((resizedHeight - height) / 2),
    width,
    height,
    left: Math.floor((to.width - width) / 2),
    top: Math.floor((to.height - height) / 2),
  };
}
