import type { Environment } from './environment.ts';
import type { Kind } from './kinds.ts';

export interface SettingOptions<T> {
  /** Environment variables, the first that is set wins. */
  readonly env?: readonly string[];
  /** The flag that sets it, for messages. */
  readonly flag?: string;
  /** Never printed. */
  readonly secret?: true;
  readonly default: T | ((env: Environment) => T);
}

/** One value of the configuration. */
export interface Setting<T> extends SettingOptions<T> {
  readonly kind: Kind<T>;
}

export const setting = <T>(kind: Kind<T>, options: SettingOptions<NoInfer<T>>): Setting<T> => ({ kind, ...options });

/** A part of the configuration: `section.key` in the file, one file of this folder. */
export type Section = Readonly<Record<string, Setting<unknown>>>;

export type ValuesOf<S extends Section> = {
  readonly [Key in keyof S]: S[Key]['kind'] extends Kind<infer T> ? T : never;
};
