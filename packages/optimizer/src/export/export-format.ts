import type { ModelManifest } from '@rookery/contracts';

export const exportFormats = ['onnx', 'tfjs', 'savedmodel', 'tflite'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A variant of a version, with its serving graph in ONNX. */
export interface ExportSource {
  readonly manifest: Pick<ModelManifest, 'name' | 'version' | 'signature' | 'preprocessing' | 'provenance'>;
  readonly variant: string;
  readonly graph: Uint8Array;
  /** Session options that its numbers depend on. */
  readonly sessionConfig?: Readonly<Record<string, string>> | undefined;
  /** In index order. */
  readonly labels: readonly string[];
}

/** The file that a format's readers begin with. */
export const mainFiles: Readonly<Record<ExportFormat, string>> = {
  onnx: 'model.onnx',
  savedmodel: 'saved_model.pb',
  tfjs: 'model.json',
  tflite: 'model.tflite',
};
