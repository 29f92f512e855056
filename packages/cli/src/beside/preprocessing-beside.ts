import { basename } from 'node:path';
import { Preprocessing } from '@rookery/contracts';
import type { ImportOptions } from '@rookery/optimizer';
import * as z from 'zod';
import { jsonOf, type ReadBeside } from './beside-files.ts';

type Known = Partial<
  Pick<ImportOptions, 'width' | 'height' | 'resize' | 'kernel' | 'scale' | 'mean' | 'std' | 'channels' | 'activation'>
>;

const Pixels = z.int().min(1).max(8192);
const Triple = z.tuple([z.number(), z.number(), z.number()]);
const Size = z.union([
  Pixels.transform((both) => ({ height: both, width: both })),
  z.object({ height: Pixels, width: Pixels }),
  z
    .object({ shortest_edge: Pixels })
    .transform(({ shortest_edge }) => ({ height: shortest_edge, width: shortest_edge, isEdge: true })),
]);
/** Pillow's numbers for its filters. */
const kernels = ['nearest', 'lanczos3', 'linear', 'cubic'] as const;

/** `preprocessor_config.json` of Hugging Face's image processors; what they do unless they say otherwise. */
const Processor = z
  .object({
    image_mean: Triple.optional(),
    image_std: Triple.optional(),
    do_normalize: z.boolean().default(true),
    do_rescale: z.boolean().default(true),
    rescale_factor: z
      .number()
      .positive()
      .default(1 / 255),
    do_center_crop: z.boolean().default(false),
    crop_size: Size.optional().catch(undefined),
    size: Size.optional().catch(undefined),
    resample: z.int().min(0).max(3).optional().catch(undefined),
  })
  .refine(({ image_mean, size }) => image_mean !== undefined || size !== undefined)
  .transform((said): Known => {
    const { do_normalize, do_rescale, image_mean, image_std, resample, size } = said;
    const shown = (said.do_center_crop ? said.crop_size : undefined) ?? size;
    const covers = said.do_center_crop || (size !== undefined && 'isEdge' in size);
    const kernel = resample === undefined ? undefined : kernels[resample];
    return {
      scale: do_rescale ? said.rescale_factor : 1,
      mean: (do_normalize ? image_mean : undefined) ?? [0, 0, 0],
      std: (do_normalize ? image_std : undefined) ?? [1, 1, 1],
      resize: covers ? 'cover' : 'stretch',
      ...(shown && { width: shown.width, height: shown.height }),
      ...(kernel && { kernel }),
    };
  });

const interpolations = { bicubic: 'cubic', bilinear: 'linear', nearest: 'nearest', lanczos: 'lanczos3' } as const;

/** `config.json` of timm. */
const Timm = z
  .object({
    pretrained_cfg: z.object({
      mean: Triple,
      std: Triple,
      input_size: z.tuple([z.literal(3), Pixels, Pixels]),
      interpolation: z.enum(['bicubic', 'bilinear', 'nearest', 'lanczos']).optional().catch(undefined),
      crop_mode: z.string().optional(),
    }),
  })
  .transform(({ pretrained_cfg: { mean, std, input_size, interpolation, crop_mode } }): Known => {
    const [, height, width] = input_size;
    const resize = crop_mode === 'squash' ? 'stretch' : crop_mode === 'border' ? 'contain' : 'cover';
    return {
      scale: 1 / 255,
      mean,
      std,
      width,
      height,
      resize,
      ...(interpolation && { kernel: interpolations[interpolation] }),
    };
  });

/** `metadata.json` of Teachable Machine, whose pictures are cut to squares, from -1 to 1. */
const TeachableMachine = z
  .object({ labels: z.array(z.string()), imageSize: Pixels, tfjsVersion: z.string() })
  .transform(
    ({ imageSize }): Known => ({
      scale: 1 / 127.5,
      mean: [1, 1, 1],
      std: [1, 1, 1],
      resize: 'cover',
      width: imageSize,
      height: imageSize,
    }),
  );

/** What `rookery models export` writes beside a model: scaling and activation are part of the graph. */
const Exported = z
  .object({
    v: z.literal(1),
    input: z.object({ channels: z.literal('rgb'), range: z.literal('0..255') }),
    preprocessing: Preprocessing,
  })
  .transform(
    ({ preprocessing }): Known => ({
      ...preprocessing,
      scale: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      channels: 'rgb',
      activation: 'none',
    }),
  );

const descriptions: readonly (readonly [file: string, schema: z.ZodType<Known>])[] = [
  ['preprocessor_config.json', Processor],
  ['config.json', Timm],
  ['metadata.json', TeachableMachine],
];

/** Models that are exported into a folder are called so there; another model in it is not meant. */
const exportedStems = ['model', 'saved_model'];

/** What a description beside a model says of its pictures, and that in words. `stem` is the model's file without its ending. */
export async function preprocessingBeside(
  read: ReadBeside,
  stem: string,
): Promise<{ known: Known; note: string } | undefined> {
  const exported = [`${stem}.rookery.json`, ...(exportedStems.includes(stem) ? ['rookery.json'] : [])];
  for (const [name, schema] of [...exported.map((file) => [file, Exported] as const), ...descriptions]) {
    const file = await read(name);
    const known = file && schema.safeParse(jsonOf(file)).data;
    if (known) return { known, note: `${inWords(known)} (${basename(file.path)} beside the model says so)` };
  }
  return undefined;
}

function inWords({ scale = 1, mean = [0, 0, 0], std = [1, 1, 1], resize, kernel, width, height }: Known): string {
  const short = (value: number): string => String(Number(value.toPrecision(6)));
  const list = (values: readonly number[]): string =>
    (new Set(values).size === 1 ? values.slice(0, 1) : values).map(short).join(', ');
  return [
    `preprocessing: (pixel * ${short(scale)} - ${list(mean)}) / ${list(std)}`,
    ...(width && height ? [`${width}x${height}`] : []),
    ...(resize ? [resize] : []),
    ...(kernel ? [kernel] : []),
  ].join(', ');
}
