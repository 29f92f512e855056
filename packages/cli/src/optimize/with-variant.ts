import type { ModelDraft, ModelVariant } from '@rookery/contracts';
import type { VersionContents } from '@rookery/models';

export interface NewVariant {
  readonly name: string;
  readonly graph: Uint8Array;
  readonly stableBatch: number;
  readonly sessionConfig?: Readonly<Record<string, string>> | undefined;
  readonly isDefault: boolean;
  /** By name: how it scored. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A version as it is, with one variant more, or another in its place. */
export async function withVariant(contents: VersionContents, variant: NewVariant): Promise<ModelDraft> {
  const {
    v: _v,
    name: _name,
    version: _version,
    createdAt: _createdAt,
    files: listed,
    ...manifest
  } = contents.manifest;
  const path = `model.${variant.name}.onnx`;
  const files = new Map<string, Uint8Array>();
  for (const file of listed) if (file.path !== path) files.set(file.path, await bytesOf(contents.read(file)));
  files.set(path, variant.graph);
  const { sessionConfig = {}, stableBatch } = variant;
  const added: ModelVariant = {
    format: 'onnx',
    path,
    stableBatch,
    ...(Object.keys(sessionConfig).length > 0 && { sessionConfig: { ...sessionConfig } }),
  };
  return {
    files,
    manifest: {
      ...manifest,
      variants: { ...manifest.variants, [variant.name]: added },
      ...(variant.isDefault && { defaultVariant: variant.name }),
      metrics: { ...manifest.metrics, ...variant.metrics },
    },
  };
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return new Uint8Array(Buffer.concat(parts));
}
