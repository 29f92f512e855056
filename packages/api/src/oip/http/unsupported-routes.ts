import { RookeryError } from '@rookery/contracts';
import type { ApiInstance } from '../../api-instance.ts';

/** Extensions that clients may ask about, and that are not in the server's metadata. */
const extensions = {
  trace: ['/trace/setting', '/models/:name/trace/setting'],
  logging: ['/logging'],
  system_shared_memory: ['/systemsharedmemory/*'],
  cuda_shared_memory: ['/cudasharedmemory/*'],
};

/** Says of extensions of Triton that they are not offered: 501. */
export function unsupportedRoutes(app: ApiInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 65_536 }, (_request, text, done) => done(null, text));
  for (const [extension, urls] of Object.entries(extensions)) {
    for (const url of urls) {
      app.route({
        method: ['GET', 'POST'],
        url,
        config: { access: 'classify' },
        schema: { hide: true },
        handler: async () => {
          throw new RookeryError('NOT_IMPLEMENTED', { detail: `the extension '${extension}'` });
        },
      });
    }
  }
}
