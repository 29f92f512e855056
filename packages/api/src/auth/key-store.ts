import type { Scope } from '@rookery/contracts';

/** A key as it is kept: never the key itself. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** Looks up keys that are in force: neither revoked nor expired. */
export interface KeyStore {
  /** The key that this text is. */
  find(text: string): StoredKey | undefined;
  /** The key of this id, for whoever proved before that they have it. */
  get(id: string): StoredKey | undefined;
}
