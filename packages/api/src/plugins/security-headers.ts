import helmet from '@fastify/helmet';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

/** Nothing inline, nothing from elsewhere, no frames; pages may send pictures to the origins of presigned addresses. */
export async function securityHeaders(app: ApiInstance, { uploadOrigins = [] }: ApiContext): Promise<void> {
  const self = "'self'";
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: [self],
        styleSrc: [self],
        imgSrc: [self, 'data:', 'blob:'],
        mediaSrc: [self, 'blob:'],
        fontSrc: [self],
        manifestSrc: [self],
        connectSrc: [self, ...uploadOrigins],
        formAction: [self],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: { maxAge: 15_552_000, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  });
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.header('permissions-policy', 'camera=(self), geolocation=(), microphone=()');
    done();
  });
}
