import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Digest, ModelDraft, ServingModel } from '@rookery/contracts';
import { digestOf } from '@rookery/contracts';
import { importModel } from '@rookery/optimizer';

/** Models and pictures that are not part of the project: `ROOKERY_SHARED`, else the folder beside the clone. */
export const sharedFolder = process.env.ROOKERY_SHARED ?? resolve(import.meta.dirname, '../../../../shared');
export const hasShared = existsSync(join(sharedFolder, 'models/birds_v1/model.onnx'));

export const readShared = (path: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(sharedFolder, path)));

/** The five pictures of the original, by name without ending. */
export const birdNames = hasShared
  ? readdirSync(join(sharedFolder, 'pictures/birds')).map((it) => it.slice(0, -4))
  : [];
export const bird = (name: string): Uint8Array<ArrayBuffer> => readShared(`pictures/birds/${name}.jpg`);
/** The same after OpenCV's resize, lossless. */
export const bird224 = (name: string): Uint8Array<ArrayBuffer> => readShared(`pictures/birds_224/${name}.png`);

export type Form = 'fp32' | 'int8';
export type Expected = { index: number; label: string; score: number }[];
export const expected = (name: string, form: Form): Expected => {
  const all = JSON.parse(new TextDecoder().decode(readShared('models/birds_v1/expected.json')));
  return all[`${name}.jpg`][form];
};

/** Birds V1 as registration makes it, with the kernel of the original. */
export async function birds(form: Form): Promise<ServingModel> {
  const labels = new TextDecoder().decode(readShared('models/birds_v1/labels.txt')).trimEnd().split('\n');
  const file = form === 'fp32' ? 'model.onnx' : 'model.int8.onnx';
  const { draft } = await importModel(readShared(`models/birds_v1/${file}`), {
    labels,
    source: file,
    range: '0..1',
    activation: 'none',
    kernel: 'bilinear-half-pixel',
    resize: 'stretch',
  });
  return servingModel(draft, labels);
}

/** What a registry would load. */
function servingModel({ manifest, files }: ModelDraft, labels: readonly string[]): ServingModel {
  const variant = manifest.variants[manifest.defaultVariant];
  if (!variant) throw new Error('the draft has no default variant');
  const graph = (path: string): { bytes: Uint8Array; digest: Digest } => {
    const bytes = files.get(path);
    if (!bytes) throw new Error(`the draft has no ${path}`);
    return { bytes, digest: digestOf(bytes) };
  };
  return {
    name: 'birds',
    version: 'v1',
    variant: manifest.defaultVariant,
    format: variant.format,
    graph: graph(variant.path),
    input: manifest.signature.input,
    output: manifest.signature.output,
    preprocessing: manifest.preprocessing,
    decode: manifest.decode,
    stableBatch: variant.stableBatch,
    ...(variant.sessionConfig && { sessionConfig: variant.sessionConfig }),
    labels,
    labelsDigest: graph(manifest.labels).digest,
  };
}
