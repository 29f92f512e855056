import cookie from '@fastify/cookie';
import type { ApiInstance } from '../api-instance.ts';

/** Of pages' sessions. */
export async function cookies(app: ApiInstance): Promise<void> {
  await app.register(cookie);
}
