import type { Scope } from '@rookery/contracts';

/** A key as it is kept: never the key itself. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** Looks keys up. */
export interface KeyStore {
  /** The key that this text is, if it is one that is in force. */
  find(text: string): StoredKey | undefined;
}
