import type { AliasRecord, ModelFile } from '@rookery/contracts';
import type { Signature } from '../signing/signing.ts';
import type { VersionContents } from '../version/version-contents.ts';

/** An alias as it was read. */
export interface HeldAlias {
  readonly record: AliasRecord;
  /** Names exactly this state of the alias. Opaque. */
  readonly revision: string;
}

/**
 * Where a registry's versions lie when it is no folder of this machine. Bytes are handed over as they lie there: whoever reads them
 * verifies them.
 *
 * Errors: STORE_DENIED, STORE_UNAVAILABLE (after its own retries), MODEL_CORRUPT.
 */
export interface RemotePlace extends AsyncDisposable {
  readonly location: string;
  names(): Promise<string[]>;
  versions(name: string): Promise<string[]>;
  /** The text of `manifest.json`; `undefined` where there is no such version. */
  readManifest(name: string, version: string): Promise<string | undefined>;
  readFile(
    name: string,
    version: string,
    file: ModelFile,
    start: number,
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Nothing is visible before all of it is there. Every file is verified on its way. What lies there already is put right. */
  put(contents: VersionContents, signal?: AbortSignal): Promise<{ created: boolean; repaired: readonly string[] }>;
  remove(name: string, version: string): Promise<void>;
  aliases(name: string): Promise<Record<string, AliasRecord>>;
  readAlias(name: string, alias: string): Promise<HeldAlias | undefined>;
  /** Compare and swap: false where the alias is not in the state `revision` (`undefined`: not there) any more. */
  swapAlias(name: string, alias: string, record: AliasRecord, revision: string | undefined): Promise<boolean>;
  removeAlias(name: string, alias: string): Promise<void>;
  signatures(name: string, version: string): Promise<Signature[]>;
  addSignature(name: string, version: string, signature: Signature): Promise<void>;
  /** A version is about to be used, for places that keep who uses what. */
  recordUse(name: string, version: string): Promise<void>;
}
