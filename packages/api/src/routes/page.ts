import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { varyBy } from '../http/vary.ts';

/** One file of the page, in every form that it lies there in. */
interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  /** By their names in `Content-Encoding`. */
  readonly gzip: Buffer | undefined;
  readonly br: Buffer | undefined;
  /** Its name holds a hash of what is in it. */
  readonly immutable: boolean;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * The page: a handful of files, read once and answered from memory. Each has an address of its own, so no path is ever put together
 * from what a request says. A service without the page answers without it.
 */
export async function pageRoutes(app: ApiInstance, { pageFolder }: ApiContext): Promise<void> {
  if (pageFolder === undefined) return;
  const config = { access: 'public', page: true } as const;
  for (const [name, file] of await filesOf(pageFolder)) {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => answer(file, request, reply);
    app.get(name === 'index.html' ? '/' : `/${name}`, { config, schema: { hide: true } }, handler);
    // Browsers ask for it by themselves wherever a document names none, such as at an answer in JSON.
    const icon = { ...file, immutable: false };
    if (name.startsWith('icon-'))
      app.get('/favicon.ico', { config, schema: { hide: true } }, async (request, reply) =>
        answer(icon, request, reply),
      );
  }
}

async function filesOf(folder: string): Promise<Map<string, PageFile>> {
  const names = new Set(await readdir(folder));
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const type = types[name.slice(name.lastIndexOf('.') + 1)];
    if (type === undefined) continue;
    const plain = await readFile(join(folder, name));
    files.set(name, {
      type,
      plain,
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      gzip: names.has(`${name}.gz`) ? await readFile(join(folder, `${name}.gz`)) : undefined,
      br: names.has(`${name}.br`) ? await readFile(join(folder, `${name}.br`)) : undefined,
      immutable: /-[a-z0-9]{8}\.\w+$/i.test(name),
    });
  }
  return files;
}

/** `W/` tags: the forms of a file differ in their bytes and not in what they say. */
function answer(file: PageFile, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const encoding = encodingOf(file, headers['accept-encoding']);
  void reply
    .header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('etag', `W/${file.etag}`);
  varyBy(reply, 'Accept-Encoding');
  const known = headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag);
  if (known) return reply.code(304).send();
  if (encoding) void reply.header('content-encoding', encoding);
  return reply.type(file.type).send((encoding && file[encoding]) ?? file.plain);
}

function encodingOf(file: PageFile, accepted = ''): 'br' | 'gzip' | undefined {
  const taken = new Set(
    accepted.split(',').flatMap((one) => {
      const [name = '', weight] = one
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q=/);
      return weight !== undefined && Number(weight) === 0 ? [] : [name];
    }),
  );
  return (['br', 'gzip'] as const).find((name) => file[name] && taken.has(name));
}
