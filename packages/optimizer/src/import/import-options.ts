import type { Preprocessing } from '@rookery/contracts';

/** `caffe`: 0 to 255 less the means of ImageNet, blue first. */
export type Range = '0..1' | '-1..1' | '0..255' | 'imagenet' | 'caffe';
export type Layout = 'nhwc' | 'nchw';
export type Activation = 'none' | 'softmax' | 'sigmoid';
type Triple = readonly [number, number, number];

/**
 * What is known of a model beside its file. Whatever is left out is guessed, and the guess is reported. The model's own input is
 * `(value * scale - mean) / std` per channel, in the model's channel order, of values in 0 to 255.
 */
export interface ImportOptions {
  /** In index order. */
  readonly labels: readonly string[];
  /** File name, package or address: where the model came from. */
  readonly source: string;
  readonly licence?: string;
  /** The labels as the source names them, where `labels` differ. */
  readonly originalLabels?: readonly string[];
  /** Pixels; for models that take any size. */
  readonly width?: number;
  readonly height?: number;
  readonly resize?: Preprocessing['resize'];
  readonly kernel?: Preprocessing['kernel'];
  readonly layout?: Layout;
  readonly channels?: 'rgb' | 'bgr';
  /** Excludes `scale`, `mean` and `std`. */
  readonly range?: Range;
  readonly scale?: number;
  readonly mean?: Triple;
  readonly std?: Triple;
  /** What is still to be done to the output; `auto` looks at what the model gives. */
  readonly activation?: Activation | 'auto';
  /**
   * The variant's name: `fp32`, `fp16` or `int8` by what is in the graph. Of a file that gives several, the one that is used where nobody
   * says otherwise: `fp32` where nothing is said.
   */
  readonly variant?: string;
  /** Where the model has several outputs. */
  readonly output?: string;
}
