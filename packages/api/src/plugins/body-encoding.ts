import { RookeryError } from '@rookery/contracts';
import type { ApiInstance } from '../api-instance.ts';

/** Bodies come as they are: what would have to be unpacked could be a bomb. */
export function bodyEncoding(app: ApiInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') return done();
    throw new RookeryError('MEDIA_TYPE_UNSUPPORTED', { detail: 'Content-Encoding: bodies are taken as they are' });
  });
}
