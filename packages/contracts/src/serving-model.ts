import type { Digest } from './digest.ts';
import type { GraphAdapter } from './graph-adapter.ts';
import type { DecodeMode, Preprocessing } from './preprocessing.ts';

/** A graph as a file that was verified, or as bytes that were. */
export type GraphSource =
  | { readonly path: string; readonly digest: Digest }
  | { readonly bytes: Uint8Array; readonly digest: Digest };

/**
 * A model ready to be loaded: one variant of one version, every file verified. The registry resolves references to it, an importer
 * makes one from a file, an engine runs it. Plain data: it can be posted to a thread.
 */
export interface ServingModel {
  readonly name: string;
  readonly version: string;
  readonly variant: string;
  readonly format: 'onnx' | 'savedmodel' | 'tfjs' | 'openvino';
  /** Input `[batch, height, width, 3]` RGB (`input.type`), output `[batch, classes]` float32 probabilities. */
  readonly graph: GraphSource;
  readonly input: { readonly name: string; readonly type: 'uint8' | 'float32' };
  readonly output: { readonly name: string; readonly classes: number };
  readonly preprocessing: Preprocessing;
  readonly decode: DecodeMode;
  readonly stableBatch: number;
  /** Of a graph that is no serving graph. */
  readonly adapt?: GraphAdapter | undefined;
  readonly sessionConfig?: Readonly<Record<string, string>>;
  /** In index order; as many as there are classes. */
  readonly labels: readonly string[];
  readonly labelsDigest: Digest;
}
