import type { ExplainGraphs, ServingModel } from '@rookery/contracts';

/** How heat maps were made: from the gradients of the model's head, or by covering parts of the picture at random. */
export type ExplainMethod = 'grad-cam' | 'rise';

/** Where the model looked for one class. */
export interface HeatMap {
  /** Position in the model's output. */
  readonly index: number;
  /** Rows from the top, from 0 to 1; all 0 where nothing spoke for the class. */
  readonly heat: Float32Array;
}

/** Part of a picture, as shares of its width and height. It reaches beyond the picture (below 0, above 1) where the input is padded. */
export interface PictureArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Explanation {
  readonly method: ExplainMethod;
  /** Cells of each map. */
  readonly columns: number;
  readonly rows: number;
  /** What of the picture, upright, the cells cover. */
  readonly area: PictureArea;
  /** In the order of the predictions. */
  readonly maps: readonly HeatMap[];
  /** Standard error of a cell, on average; 0 for Grad-CAM, which estimates nothing. */
  readonly error: number;
}

/** Makes what Grad-CAM needs; `undefined` for a model whose head has no known gradient. The optimiser's `explainGraphs`. */
export type MakeExplainGraphs = (model: ServingModel) => Promise<ExplainGraphs | undefined>;
