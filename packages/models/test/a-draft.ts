import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelDraft } from '@rookery/contracts';
import { afterEach } from 'vitest';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Removed after the test. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-models-'));
  folders.push(folder);
  return folder;
}

/** A draft of a model with three classes and two variants; the registry never looks into a graph. */
export function aDraft(graph: Uint8Array = new TextEncoder().encode('graph'), source = 'model.onnx'): ModelDraft {
  return {
    manifest: {
      signature: { input: { name: 'pictures', type: 'uint8' }, output: { name: 'scores', classes: 3 } },
      preprocessing: { width: 224, height: 224, resize: 'stretch', kernel: 'bilinear-half-pixel' },
      decode: 'exact',
      labels: 'labels.txt',
      variants: {
        fp32: { format: 'onnx', path: 'model.fp32.onnx', stableBatch: 1 },
        int8: {
          format: 'onnx',
          path: 'int8/model.onnx',
          stableBatch: 2,
          sessionConfig: { 'session.disable_quant_qdq': '1' },
        },
      },
      defaultVariant: 'fp32',
      normalisation: { layout: 'nhwc', channels: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
      provenance: { source, importer: 'a test' },
    },
    files: new Map([
      ['model.fp32.onnx', graph],
      ['int8/model.onnx', new TextEncoder().encode('smaller graph')],
      ['labels.txt', new TextEncoder().encode('ant\nbee\ncat\n')],
    ]),
  };
}

/** Another version each time. */
export const anotherDraft = (sizeBytes = 100): ModelDraft => aDraft(randomBytes(sizeBytes));
