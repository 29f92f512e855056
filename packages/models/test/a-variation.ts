import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelDraft } from '@rookery/contracts';
import type { Registry } from '@rookery/models';

/** The starter under another name, with other labels (or one other label, the third): another version each. */
export async function publishVariation(
  registry: Registry,
  name: string,
  labels: string | readonly string[],
): Promise<string> {
  const { folder, manifest } = await registry.resolve('content');
  const files = new Map<string, Uint8Array>();
  for (const { path } of manifest.files) files.set(path, await readFile(join(folder, path)));
  const all = typeof labels === 'string' ? ['a', 'b', labels, 'd', 'e'] : labels;
  files.set(manifest.labels, Buffer.from(all.map((each) => `${each}\n`).join('')));
  const { v: _v, name: _name, version: _version, createdAt: _createdAt, files: _files, ...rest } = manifest;
  return (await registry.publish(name, { manifest: rest, files } as ModelDraft)).version;
}
