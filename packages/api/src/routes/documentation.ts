import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { docsPage } from '../openapi/docs-page.ts';
import { docsStyle } from '../openapi/docs-style.ts';
import { type OpenApiDocument, openApiDocument } from '../openapi/document.ts';
import { entriesOf, type RouteEntry } from '../openapi/route-entry.ts';

/** Notes every route that is registered after it. */
export function collectRoutes(app: ApiInstance): readonly RouteEntry[] {
  const entries: RouteEntry[] = [];
  app.addHook('onRoute', (route) => void entries.push(...entriesOf(route)));
  return entries;
}

/** `/openapi.json`, and `/docs`: the same to read, without a script. */
export function documentationRoutes(app: ApiInstance, { entries, version }: ApiContext): void {
  let document: OpenApiDocument | undefined;
  let text: string | undefined;
  let page: string | undefined;
  const documentOf = () => {
    document ??= openApiDocument(entries, version);
    return document;
  };
  const config = { access: 'public', page: true } as const;
  app.get('/openapi.json', { config, schema: { hide: true } }, async (_request, reply) => {
    text ??= JSON.stringify(documentOf());
    return reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(text);
  });
  app.get('/docs', { config, schema: { hide: true } }, async (_request, reply) => {
    page ??= docsPage(documentOf());
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
  });
  app.get('/docs/style.css', { config, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=3600').send(docsStyle),
  );
}
