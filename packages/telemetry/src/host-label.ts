import { hostname } from 'node:os';

/** This machine as part of a name: lower-case letters, digits and hyphens, at most 40. */
export const hostLabel = (): string =>
  hostname()
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 40);
