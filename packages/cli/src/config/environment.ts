import process from 'node:process';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The one place where the process's environment is read. */
export const environment: Environment = process.env;
