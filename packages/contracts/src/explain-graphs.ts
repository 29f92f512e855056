/**
 * What Grad-CAM needs of a model, as ONNX files. Plain data: it can be posted to a thread.
 *
 * - `watched`: the serving graph with one more output, `features`: `[batch, channels, height, width]`, the last ones with a place in the picture.
 * - `maps`: from `features` and `classes` (int64 `[batch, n]`) to `maps` `[batch, n, height * width]`: the features weighted with the mean
 *   gradient of each class's logit, without what is negative.
 */
export interface ExplainGraphs {
  readonly watched: Uint8Array;
  readonly features: string;
  readonly maps: Uint8Array;
}
