import * as z from 'zod';
import { AliasBeside, RolloutRules } from '../alias.ts';
import { Digest } from '../digest.ts';
import { AliasName, ModelName, ModelVersion } from '../model-manifest.ts';

/** One version of a model, as `GET /v1/models` shows it. */
export const ModelVersionInfo = z
  .object({
    version: ModelVersion,
    createdAt: z.string(),
    /** Ships with the service. */
    builtIn: z.boolean(),
    aliases: z.array(AliasName),
    variants: z.array(z.string()),
    defaultVariant: z.string(),
    classes: z.int(),
    /** All files of the version. */
    sizeBytes: z.int(),
    files: z.array(z.object({ path: z.string(), sizeBytes: z.int(), digest: Digest })),
    metrics: z.record(z.string(), z.number()),
    source: z.string(),
    licence: z.string().optional(),
    /** Warm now, or on the way there. */
    loaded: z.array(
      z.object({
        variant: z.string(),
        state: z.enum(['loading', 'warm', 'draining']),
        /** Digest of the pin: `model.digest` of its answers. */
        digest: Digest.nullable(),
        graphBytes: z.int(),
        /** Requests that use it now. */
        users: z.int(),
        answered: z.int().describe('pictures since it was loaded'),
      }),
    ),
  })
  .meta({ id: 'ModelVersionInfo' });
export type ModelVersionInfo = z.infer<typeof ModelVersionInfo>;

/** What stands beside the version that an alias names. */
export const AliasRollout = z
  .object({
    canary: AliasBeside.optional().describe('answers for its share of pictures'),
    shadow: AliasBeside.optional().describe('also labels its share, is compared, and answers nothing'),
    rules: RolloutRules.optional().describe('when the canary takes over, and when it goes'),
  })
  .meta({ id: 'AliasRollout' });
export type AliasRollout = z.infer<typeof AliasRollout>;

/** A model: its versions, newest first, and what its aliases name. */
export const ModelInfo = z
  .object({
    name: ModelName,
    /** Answers requests that name no model. */
    isDefault: z.boolean(),
    /** What the bare name means now. */
    current: ModelVersion.nullable(),
    aliases: z.record(z.string(), ModelVersion),
    rollouts: z.record(z.string(), AliasRollout).describe('by alias, of those that have a canary or a shadow'),
    versions: z.array(ModelVersionInfo),
    damaged: z.array(z.object({ version: z.string(), reason: z.string() })),
    error: z
      .object({ code: z.string(), message: z.string() })
      .optional()
      .describe('why it cannot be read: there may be more of it than stands here'),
  })
  .meta({ id: 'ModelInfo' });
export type ModelInfo = z.infer<typeof ModelInfo>;

export const ModelList = z.object({ models: z.array(ModelInfo) }).meta({ id: 'ModelList' });
export type ModelList = z.infer<typeof ModelList>;

/** The body of `POST /v1/models/{name}/load`. */
export const LoadModelRequest = z
  .strictObject({
    version: ModelVersion.optional().describe('the one that the bare name means, where nothing is said'),
  })
  .meta({ id: 'LoadModelRequest' });

/** The body of `POST /v1/models/{name}/alias`. */
export const AliasModelRequest = z
  .strictObject({
    alias: AliasName,
    version: ModelVersion,
    expect: ModelVersion.nullable()
      .optional()
      .describe('moves the alias only from this version; null: only where there is no such alias yet'),
  })
  .meta({ id: 'AliasModelRequest' });
