import { RookeryError } from '@rookery/contracts';
import type { ApiInstance } from '../api-instance.ts';

/** One `Host`, no more and no less (RFC 9112, section 3.2): of two, a proxy may believe one and this service the other. */
export function hostHeader(app: ApiInstance): void {
  app.addHook('onRequest', ({ raw }, reply, done) => {
    const hosts = countOf(raw.rawHeaders);
    if (hosts === 1 || (hosts === 0 && raw.httpVersion === '1.0')) return done();
    void reply.header('connection', 'close');
    throw new RookeryError('REQUEST_INVALID', {
      detail: hosts === 0 ? 'the header Host is missing' : 'it has several Host headers',
    });
  });
}

/** Names and values take turns. */
function countOf(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}
