import * as z from 'zod';

/**
 * How a picture becomes the model's input size.
 *
 * - `stretch` ignores the aspect ratio, `cover` crops the centre, `contain` pads with black.
 */
export const ResizeMode = z.enum(['stretch', 'cover', 'contain']);
export type ResizeMode = z.infer<typeof ResizeMode>;

/**
 * The resampling kernel. It belongs to the model: one that the model was not trained with moves a probability by up to 0.47.
 *
 * - `lanczos3 | cubic | linear | nearest`: libvips' kernels, antialiased.
 * - `bilinear-half-pixel`: two by two taps without antialiasing, as OpenCV's `INTER_LINEAR` and PyTorch's `align_corners=False`;
 *    the result is rounded to whole numbers as OpenCV does.
 * - `bilinear-align-corners`: as TensorFlow's `resize_bilinear(align_corners=True)`; the result keeps its fractions.
 */
export const ResizeKernel = z.enum([
  'lanczos3',
  'cubic',
  'linear',
  'nearest',
  'bilinear-half-pixel',
  'bilinear-align-corners',
]);
export type ResizeKernel = z.infer<typeof ResizeKernel>;

/** What happens to a picture before the serving graph sees it. Everything after that is inside the graph. */
export const Preprocessing = z.strictObject({
  /** Pixels. */
  width: z.int().min(1).max(8192),
  height: z.int().min(1).max(8192),
  resize: ResizeMode,
  kernel: ResizeKernel,
});
export type Preprocessing = z.infer<typeof Preprocessing>;

/** How much of a file is decoded: all of it, or as far as the model can see. */
export const DecodeMode = z.enum(['exact', 'fast']);
export type DecodeMode = z.infer<typeof DecodeMode>;
