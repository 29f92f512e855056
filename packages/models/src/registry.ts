import type { AliasRecord, ModelDraft, Rollout, RookeryError, ServingModel } from '@rookery/contracts';
import type { Published } from './folder/publish.ts';
import type { ModelVersionFolder } from './folder/version-folder.ts';
import type { Reference } from './reference/reference.ts';
import type { Signature } from './signing/signing.ts';
import type { LoadOptions } from './version/load-model.ts';
import type { Verification } from './version/verify.ts';
import type { VersionContents } from './version/version-contents.ts';

/** One model: its versions and the aliases that name them. */
export interface RegisteredModel {
  readonly name: string;
  /** By alias: the version. An alias may name a version that ships with Rookery. */
  readonly aliases: Readonly<Record<string, string>>;
  /** By alias: all that it names, and how it came to. */
  readonly targets: Readonly<Record<string, AliasRecord>>;
  /** Newest first; those that ship with Rookery last. */
  readonly versions: readonly ModelVersionFolder[];
  /** Versions whose manifest cannot be read, and why. */
  readonly damaged: readonly { readonly version: string; readonly reason: string }[];
  /** Why its folder or its aliases cannot be read: then there may be more of it than stands here. */
  readonly unreadable: RookeryError | undefined;
}

export interface AliasOptions {
  /** Moves the alias only from this version; `null` only where there is no such alias yet. Else ALIAS_CONFLICT. */
  readonly expect?: string | null | undefined;
  /** Kept with the alias: who moved it, and why. */
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

/** What becomes of an alias; `undefined` leaves it as it is. May be asked again where somebody else was faster. */
export type ChangeAlias = (now: AliasRecord | undefined) => AliasRecord | undefined;

export interface RemovedVersion {
  readonly name: string;
  readonly version: string;
  /** Aliases that named it and went with it. */
  readonly aliases: readonly string[];
}

/**
 * Models under names, in versions that never change. A bare `name` means its alias `production` if there is one, else the newest
 * version that was added, else the one that ships with Rookery.
 *
 * Errors: REFERENCE_INVALID, MODEL_NOT_FOUND, MODEL_CORRUPT, MODEL_INVALID, SIGNATURE_INVALID, SOURCE_UNREADABLE, STORE_FULL,
 * STORE_DENIED, STORE_UNAVAILABLE.
 */
export interface Registry extends AsyncDisposable {
  /** A folder, `s3://bucket/prefix` or `wandb://entity/project`. */
  readonly location: string;
  /** Where files lie on this machine: the registry itself, or the cache of one elsewhere. */
  readonly folder: string;
  /** Every model, by name. One that cannot be read says why, and keeps nobody from the others. @throws {RookeryError} STORE_NOT_FOUND for a file */
  list(): Promise<RegisteredModel[]>;
  /** The version that a reference means now. Paths to a folder with a manifest.json are taken too, those to a model file are not. */
  resolve(reference: string | Reference): Promise<ModelVersionFolder>;
  /** All that is known of a model: the version meant, the aliases that name it. */
  show(reference: string | Reference): Promise<ModelVersionFolder & { readonly aliases: readonly string[] }>;
  /** A model ready to be run: every file it uses verified. */
  load(reference: string | Reference, options?: LoadOptions): Promise<ServingModel>;
  /** Adds a version. The same contents are the same version; what was changed of it since is put right. */
  publish(name: string, draft: ModelDraft, options?: { readonly alias?: string | undefined }): Promise<Published>;
  /** Lets an alias name a version, alone: a canary or a shadow beside it goes. @throws {RookeryError} ALIAS_CONFLICT */
  alias(name: string, alias: string, version: string, options?: AliasOptions): Promise<void>;
  /** All that an alias names, with its history; `undefined` where there is no such alias. */
  readAlias(name: string, alias: string): Promise<AliasRecord | undefined>;
  /**
   * Changes an alias by compare and swap: nobody's change in between is lost. Every version named must be there.
   * Resolves to what it names now.
   */
  changeAlias(name: string, alias: string, change: ChangeAlias): Promise<AliasRecord | undefined>;
  /** The versions that a reference means now, and their shares. A bare name means its alias `production` where there is one. */
  rollout(reference: string | Reference): Promise<Rollout>;
  /** A version with its bytes, to be handed to another registry. */
  open(reference: string | Reference): Promise<VersionContents>;
  /** Takes a version of another registry, as it is: manifest, files (each verified on the way) and signatures. */
  accept(contents: VersionContents, options?: { readonly signal?: AbortSignal | undefined }): Promise<Published>;
  /** Signatures of a version, as they lie there: nothing is checked. */
  signatures(reference: string | Reference): Promise<Signature[]>;
  /** Keeps a signature with a version. One of the same key is replaced. */
  addSignature(reference: string | Reference, signature: Signature): Promise<void>;
  /** Hashes every file of a version, whatever its variant. */
  verify(reference: string | Reference, signal?: AbortSignal): Promise<Verification>;
  /**
   * Removes a version; `force` also those that aliases name, with the aliases. A bare `name` is taken only where it has one version.
   * @throws {RookeryError} MODEL_IN_USE
   */
  remove(reference: string | Reference, options?: { readonly force?: boolean | undefined }): Promise<RemovedVersion>;
}
