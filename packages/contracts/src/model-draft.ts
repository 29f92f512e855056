import type { ModelManifest } from './model-manifest.ts';

/**
 * A version before it has a name and a place: what an importer makes and a registry publishes. `files` holds every file of the
 * version under its relative path; `manifest` lacks what follows from the files and from where they go.
 */
export interface ModelDraft {
  readonly manifest: Omit<ModelManifest, 'v' | 'name' | 'version' | 'createdAt' | 'files'>;
  readonly files: ReadonlyMap<string, Uint8Array>;
}
