import * as z from 'zod';
import { Digest } from '../digest.ts';
import { ModelVersion } from '../model-manifest.ts';
import { Prediction, Top } from '../prediction.ts';

/** A picture to be labelled: exactly one of its address on the web, its place in a bucket, its bytes. */
export const ClassifySource = z
  .union([
    z.strictObject({ url: z.string().min(1).max(4096).describe('http(s) address of a picture') }),
    z.strictObject({
      s3: z.string().min(6).max(2048).describe('s3://bucket/key of a bucket that the service may read'),
    }),
    z.strictObject({
      base64: z.string().min(1).describe('the encoded picture'),
      name: z.string().max(1024).optional(),
    }),
  ])
  .meta({ id: 'ClassifySource' });
export type ClassifySource = z.infer<typeof ClassifySource>;

/** A reference of the registry: `name`, `name:alias`, `name@version`. */
export const ModelReference = z.string().min(1).max(200).describe('name, name:alias or name@version');

/** The body of `POST /v1/classify` as JSON. */
export const ClassifyRequest = z
  .strictObject({
    sources: z.array(ClassifySource).min(1),
    top: Top.optional().describe('labels a picture'),
    model: ModelReference.optional(),
    explain: z.boolean().optional().describe('also where the model looked for the first labels'),
  })
  .meta({ id: 'ClassifyRequest' });
export type ClassifyRequest = z.infer<typeof ClassifyRequest>;

/** The same settings as query parameters, for bodies that are pictures. */
export const ClassifyQuery = z.object({
  top: z.coerce.number().int().min(1).max(1000).optional().describe('labels a picture'),
  model: ModelReference.optional(),
  explain: z.enum(['true', 'false']).optional().describe('also where the model looked for the first labels'),
});
export type ClassifyQuery = z.infer<typeof ClassifyQuery>;

/** Which model answered. `digest` is that of the pin: equal digests give equal predictions. */
export const AnsweringModel = z
  .object({ name: z.string(), version: z.string(), digest: Digest, variant: z.string() })
  .meta({ id: 'AnsweringModel' });
export type AnsweringModel = z.infer<typeof AnsweringModel>;

/**
 * Where a model looked for each label: maps of a few cells, to be laid over the picture (bilinear between the centres of the cells).
 * `area` is what of the upright picture the cells cover, as shares of its width and height; it reaches beyond the picture (below 0,
 * above 1) where the model's input is padded.
 */
export const ExplanationView = z
  .object({
    method: z
      .enum(['grad-cam', 'rise'])
      .describe('by the gradients of the head, or by covering parts of the picture at random'),
    columns: z.int().min(1),
    rows: z.int().min(1),
    area: z.object({ left: z.number(), top: z.number(), width: z.number(), height: z.number() }),
    error: z.number().describe('standard error of a cell, on average; 0 for grad-cam'),
    maps: z
      .array(z.object({ label: z.string(), index: z.int(), cells: z.array(z.number()) }))
      .describe('in the order of the predictions; cells row by row from the top, from 0 to 1'),
  })
  .meta({ id: 'Explanation' });
export type ExplanationView = z.infer<typeof ExplanationView>;

/** One picture's outcome: `predictions`, or `error`. Width and height in pixels, after EXIF orientation. */
export const ClassifiedImage = z
  .object({
    source: z.string().describe('address, key or file name as given; the position where there is none'),
    width: z.int().min(1).nullable(),
    height: z.int().min(1).nullable(),
    predictions: z.array(Prediction).optional(),
    explanation: ExplanationView.optional().describe('where asked for'),
    version: ModelVersion.optional().describe('the version that answered, where it is not that of `model`: a canary'),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  })
  .meta({ id: 'ClassifiedImage' });
export type ClassifiedImage = z.infer<typeof ClassifiedImage>;

/** The answer of `POST /v1/classify`: `images` in the order of the request. */
export const ClassifyResponse = z
  .object({
    model: AnsweringModel,
    images: z.array(ClassifiedImage),
    timings: z.object({ totalMs: z.number().describe('from the end of the headers to the answer') }),
  })
  .meta({ id: 'ClassifyResponse' });
export type ClassifyResponse = z.infer<typeof ClassifyResponse>;
