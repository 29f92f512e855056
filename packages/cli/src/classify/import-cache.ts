import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, digestOf, type ModelDraft, type ServingModel } from '@rookery/contracts';
import { openRegistry, type Registry } from '@rookery/models';
import { version } from '../version.ts';

/** Imports that are kept; those used last stay. */
const kept = 8;

export interface ImportKey {
  /** Which state of which model file. */
  readonly file: string;
  readonly labels: readonly string[];
  readonly name: string;
  /** What a description beside it says of its pictures. */
  readonly said: object;
}

export interface KeptImport {
  readonly model: ServingModel;
  /** What was guessed when it was imported. */
  readonly notes: readonly string[];
}

/**
 * Imported model files, so that the next command need not prove the import again. Each lies in a registry of its own below
 * `folder`, verified whenever it is read; what cannot be kept or read back is imported again.
 */
export function importCache(folder: string, key: ImportKey) {
  const identity = canonicalJson({ ...key, rookery: version, node: process.versions.modules, cpu: process.arch });
  const place = join(folder, digestOf(identity).slice('sha256:'.length, 'sha256:'.length + 24));
  const registry: Registry = openRegistry({ folder: place, builtIn: [] });
  const notesFile = join(place, 'notes.json');
  return {
    /** The model in this variant, or its default one. */
    async read(variant: string | undefined): Promise<KeptImport | undefined> {
      try {
        const [model, text] = await Promise.all([registry.load(key.name, { variant }), readFile(notesFile, 'utf8')]);
        const notes: unknown = JSON.parse(text);
        const now = new Date();
        await utimes(place, now, now);
        return { model, notes: Array.isArray(notes) ? notes.map(String) : [] };
      } catch {
        return undefined;
      }
    },
    async keep(draft: ModelDraft, notes: readonly string[]): Promise<void> {
      try {
        await registry.publish(key.name, draft);
        await writeFile(notesFile, JSON.stringify(notes));
        await prune(folder);
      } catch {
        // A cache that cannot be written to costs time only.
      }
    },
  };
}

async function prune(folder: string): Promise<void> {
  const places = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      return { path, usedAt: (await stat(path)).mtimeMs };
    }),
  );
  places.sort((a, b) => b.usedAt - a.usedAt);
  await Promise.all(places.slice(kept).map(({ path }) => rm(path, { recursive: true, force: true })));
}
