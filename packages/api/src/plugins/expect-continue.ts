import type { ApiInstance } from '../api-instance.ts';

/**
 * A client that asks before it sends a large body (`Expect: 100-continue`) is told to go on only once its request was let in. Other
 * expectations are not known, and no reason to refuse anything (RFC 9110, section 10.1.1).
 */
export function expectContinue(app: ApiInstance): void {
  for (const event of ['checkContinue', 'checkExpectation'])
    app.server.on(event, (request, response) => app.server.emit('request', request, response));
  app.addHook('preParsing', ({ headers }, reply, _payload, done) => {
    if (headers.expect?.toLowerCase() === '100-continue') reply.raw.writeContinue();
    done();
  });
}
