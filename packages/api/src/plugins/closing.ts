import type { ApiInstance } from '../api-instance.ts';

/** While the service closes, a connection goes when its answer is out, instead of being kept for the next request. */
export function closing(app: ApiInstance): void {
  app.addHook('preClose', (done) => {
    const { server } = app;
    if (server.listening) {
      const timer = setInterval(() => server.closeIdleConnections(), 50);
      server.once('close', () => clearInterval(timer));
    }
    done();
  });
}
