import { readFileSync } from 'node:fs';
import type { ModelDraft } from '@rookery/contracts';
import type { Imported } from '../../src/import/import-graph.ts';
import { type ExportSource, importLayersModel, importModel } from '../../src/index.ts';
import { caseGraph, caseSize, type ExportCase } from './export-cases.ts';
import { starterLabels, starterSource } from './starter-source.ts';

/** Files as `importFolder` and `proveExport` read them. */
export const reading = (files: ReadonlyMap<string, Uint8Array>) => (name: string) => Promise.resolve(files.get(name));

export function sourceOfCase(each: ExportCase): ExportSource {
  const { height, width } = caseSize;
  return {
    manifest: {
      name: 'case',
      version: '000000000000',
      signature: {
        input: { name: 'images', type: each.input ?? 'float32' },
        output: { name: 'scores', classes: each.scores },
      },
      preprocessing: { width, height, resize: 'stretch', kernel: 'bilinear-half-pixel' },
      provenance: { source: 'a test', importer: 'none' },
    },
    variant: 'fp32',
    graph: caseGraph(each),
    labels: Array.from({ length: each.scores }, (_, n) => `class ${n}`),
  };
}

export function sourceOfDraft(
  { manifest, files }: ModelDraft,
  variant: string,
  labels: readonly string[],
): ExportSource {
  const { path, sessionConfig } = manifest.variants[variant] ?? {};
  return {
    manifest: { ...manifest, name: 'model', version: '000000000000' },
    variant,
    graph: files.get(path ?? '') ?? new Uint8Array(),
    sessionConfig,
    labels,
  };
}

export const importStarter = (): Promise<Imported> =>
  importLayersModel(starterSource(), {
    labels: starterLabels,
    source: 'nsfwjs',
    range: '0..1',
    channels: 'rgb',
    kernel: 'bilinear-align-corners',
  });

/** A TFLite file of the shared folder, its labels beside it. */
export async function importShared(folder: string): Promise<{ draft: ModelDraft; labels: string[] }> {
  const labels = readFileSync(`${folder}/labels.txt`, 'utf8').trim().split('\n');
  const { draft } = await importModel(readFileSync(`${folder}/model.tflite`), { labels, source: 'model.tflite' });
  return { draft, labels };
}
