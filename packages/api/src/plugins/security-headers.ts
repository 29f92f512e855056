import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

/** Nothing inline, nothing from elsewhere, no frames; pages may send pictures to the origins of presigned addresses. */
export function securityHeaders(app: ApiInstance, { uploadOrigins = [] }: ApiContext): void {
  // Made once: they are the same for every answer.
  const headers = headersOf(uploadOrigins);
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}

function headersOf(uploadOrigins: readonly string[]): Record<string, string> {
  const self = "'self'";
  const secure = helmet({
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
  const headers: Record<string, string> = { 'permissions-policy': 'camera=(self), geolocation=(), microphone=()' };
  const collector = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => {},
  };
  secure({} as IncomingMessage, collector as unknown as ServerResponse, (error) => {
    if (error !== undefined) throw error;
  });
  return headers;
}
