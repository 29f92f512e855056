import type { components } from './generated/openapi.ts';

/** A job and how far it is. */
export type JobView = components['schemas']['JobView'];
