import { type ExportFormat, type ExportSource, mainFiles } from './export-format.ts';

/** What whoever uses an exported model must know, as it stands in `rookery.json` beside it. */
export interface ExportFacts {
  readonly v: 1;
  /** With its version: where it came from. */
  readonly model: string;
  readonly version: string;
  readonly variant: string;
  readonly format: ExportFormat;
  readonly file: string;
  readonly labels: string;
  /** RGB from 0 to 255, any number of pictures: scaling and whatever else the network wants is part of the graph. */
  readonly input: {
    readonly name: string;
    readonly type: 'uint8' | 'int32' | 'float32';
    readonly shape: readonly (number | null)[];
    readonly channels: 'rgb';
    readonly range: '0..255';
  };
  /** Probabilities, a row a picture. */
  readonly output: { readonly name: string; readonly classes: number };
  /** How pictures get to that size. */
  readonly preprocessing: ExportSource['manifest']['preprocessing'];
  readonly provenance: { readonly source: string; readonly licence?: string | undefined };
  /** Options of ONNX Runtime that its numbers depend on. */
  readonly sessionConfig?: Readonly<Record<string, string>>;
}

export function exportFacts({ manifest, variant, sessionConfig }: ExportSource, format: ExportFormat): ExportFacts {
  const { name, version, signature, preprocessing, provenance } = manifest;
  const { input, output } = signature;
  const type = format === 'tfjs' && input.type === 'uint8' ? 'int32' : input.type;
  const { source, licence } = provenance;
  return {
    v: 1,
    model: name,
    version,
    variant,
    format,
    file: mainFiles[format],
    labels: 'labels.txt',
    input: {
      name: input.name,
      type,
      shape: [null, preprocessing.height, preprocessing.width, 3],
      channels: 'rgb',
      range: '0..255',
    },
    output,
    preprocessing,
    provenance: { source, ...(licence !== undefined && { licence }) },
    ...(format === 'onnx' && sessionConfig && { sessionConfig }),
  };
}
