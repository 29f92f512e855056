import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Real models that are not part of the repository. */
export const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
