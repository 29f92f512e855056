import type { ApiInstance } from '../api-instance.ts';

/** A client that asks before it sends a large body (`Expect: 100-continue`) is told to go on only once its request was let in. */
export function expectContinue(app: ApiInstance): void {
  app.server.on('checkContinue', (request, response) => app.server.emit('request', request, response));
  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.headers.expect !== undefined) reply.raw.writeContinue();
    done();
  });
}
