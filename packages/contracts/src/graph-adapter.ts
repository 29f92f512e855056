import * as z from 'zod';

/**
 * What a graph that is run as it came (SavedModel, TensorFlow.js) wants and gives, where it is no serving graph: the engine computes
 * `(value * scale - mean) / std` per channel of the RGB values before it, and the activation behind it, by its own operations.
 */
export const GraphAdapter = z.strictObject({
  layout: z.enum(['nhwc', 'nchw']),
  channels: z.enum(['rgb', 'bgr']),
  scale: z.number(),
  /** In the model's channel order, as `std`. */
  mean: z.array(z.number()).length(3),
  std: z.array(z.number()).length(3),
  activation: z.enum(['none', 'softmax', 'sigmoid']),
});
export type GraphAdapter = z.infer<typeof GraphAdapter>;
