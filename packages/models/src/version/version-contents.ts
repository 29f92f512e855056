import type { ModelFile, ModelManifest } from '@rookery/contracts';
import type { Signature } from '../signing/signing.ts';

/** A version with its bytes, wherever they lie. */
export interface VersionContents {
  readonly manifest: ModelManifest;
  /** The bytes of one of its files from byte `start` on, as they lie there: whoever takes them verifies them. */
  read(file: ModelFile, start?: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  readonly signatures: readonly Signature[];
}
