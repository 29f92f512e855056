import * as z from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { Digest, digestOf } from './digest.ts';
import { GraphAdapter } from './graph-adapter.ts';
import { ModelName, ModelVersion } from './model-manifest.ts';
import { DecodeMode, Preprocessing } from './preprocessing.ts';

/** Everything that a prediction depends on besides the bytes of the picture. Two equal pins give equal predictions. */
export const Pin = z.strictObject({
  model: z.strictObject({ name: ModelName, version: ModelVersion, variant: z.string() }),
  /** Digest of the serving graph's file. */
  graph: Digest,
  labels: Digest,
  preprocessing: Preprocessing,
  stableBatch: z.int().min(1),
  /** Only of a graph that is run as it came. */
  adapt: GraphAdapter.optional(),
  decode: DecodeMode,
  /** Limits that decide between a label and an error. */
  maxPixels: z.int().min(1),
  engine: z.strictObject({ name: z.string(), version: z.string(), device: z.enum(['cpu', 'gpu']) }),
  /** Decoder and its version, such as `libvips 8.17.3`. */
  decoder: z.string(),
});
export type Pin = z.infer<typeof Pin>;

/** What stands as `model` in every result line. */
export const pinDigest = (pin: Pin): Digest => digestOf(canonicalJson(pin));
