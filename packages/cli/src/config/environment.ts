import process from 'node:process';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The one place where the process's environment is read. */
export const environment: Environment = process.env;

/** For native libraries that are configured in no other way. */
export function setVariable(name: string, value: string): void {
  process.env[name] = value;
}
