import * as z from 'zod';
import { Digest } from './digest.ts';
import { GraphAdapter } from './graph-adapter.ts';
import { DecodeMode, Preprocessing } from './preprocessing.ts';

/** Model names are path segments and parts of references. */
export const ModelName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be lower-case letters, digits, ".", "_" or "-", at most 64');
/** A version is named after its contents: the first twelve hexadecimal digits of what identifies them. */
export const ModelVersion = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
export const AliasName = z.string().regex(/^[a-z][a-z0-9._-]{0,63}$/);

/** One file of a version, relative to the version's folder. */
export const ModelFile = z.strictObject({
  path: z
    .string()
    .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[\w./-]{1,200}$/, 'must be a relative path inside the version'),
  sizeBytes: z.int().min(0),
  digest: Digest,
});
export type ModelFile = z.infer<typeof ModelFile>;

/** One form of the same model: float32, int8 and so on. */
export const ModelVariant = z.strictObject({
  /** `onnx` now; other engines bring their own. */
  format: z.enum(['onnx', 'savedmodel', 'tfjs', 'openvino']),
  /** The serving graph: input `[batch, height, width, 3]` RGB, output `[batch, classes]` probabilities. */
  path: z.string(),
  /**
   * The smallest batch from which on the numbers no longer depend on the batch; smaller batches are padded to it.
   * 1 where they never do.
   */
  stableBatch: z.int().min(1).max(64),
  /** Session options that the numbers depend on, such as `session.disable_quant_qdq`. */
  sessionConfig: z.record(z.string(), z.string()).optional(),
  /** Of a graph that is run as it came; without it the graph is a serving graph. */
  adapt: GraphAdapter.optional(),
});
export type ModelVariant = z.infer<typeof ModelVariant>;

export const ModelSignature = z.strictObject({
  input: z.strictObject({ name: z.string(), type: z.enum(['uint8', 'float32']) }),
  output: z.strictObject({ name: z.string(), classes: z.int().min(1) }),
});
export type ModelSignature = z.infer<typeof ModelSignature>;

/** `models/<name>/<version>/manifest.json`: everything that is needed to run a version, and where it came from. */
export const ModelManifest = z.strictObject({
  v: z.literal(1),
  name: ModelName,
  version: ModelVersion,
  createdAt: z.iso.datetime(),
  /** Every file of the version but the manifest. */
  files: z.array(ModelFile).min(1),
  signature: ModelSignature,
  preprocessing: Preprocessing,
  decode: DecodeMode,
  /** A UTF-8 text file, one label a line, in index order. */
  labels: z.string(),
  /** By name: `fp32`, `int8`, ... */
  variants: z.record(z.string().regex(/^[a-z0-9][a-z0-9.-]{0,31}$/), ModelVariant),
  defaultVariant: z.string(),
  /** What the model's own input wanted; now part of the serving graph. For people and exporters. */
  normalisation: z.strictObject({
    layout: z.enum(['nhwc', 'nchw']),
    channels: z.enum(['rgb', 'bgr']),
    /** The graph computes `(value * scale - mean) / std` per channel, in the model's channel order. */
    scale: z.number(),
    mean: z.array(z.number()).length(3),
    std: z.array(z.number()).length(3),
  }),
  provenance: z.strictObject({
    /** File name, package or address, never a path of the machine. */
    source: z.string(),
    sourceDigest: Digest.optional(),
    licence: z.string().optional(),
    /** The labels as the source names them, where ours differ. */
    originalLabels: z.array(z.string()).optional(),
    importer: z.string(),
  }),
  metrics: z.record(z.string(), z.number()).optional(),
});
export type ModelManifest = z.infer<typeof ModelManifest>;
