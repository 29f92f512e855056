import type { Digest } from '@rookery/contracts';
import type { ModelVersionFolder } from '../folder/version-folder.ts';
import { digestOfFile } from './verified-read.ts';

export interface VerifiedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly expected: Digest;
  /** `null` where the file is not there. */
  readonly found: Digest | null;
}

export interface Verification {
  readonly version: ModelVersionFolder;
  /** Every file is what its digest says. */
  readonly intact: boolean;
  readonly files: readonly VerifiedFile[];
}

/** Hashes every file of a version, one after the other. */
export async function verifyVersion(version: ModelVersionFolder, signal?: AbortSignal): Promise<Verification> {
  const files: VerifiedFile[] = [];
  for (const { path, sizeBytes, digest } of version.manifest.files)
    files.push({ path, sizeBytes, expected: digest, found: await digestOfFile(version.folder, path, signal) });
  return { version, intact: files.every(({ expected, found }) => expected === found), files };
}
