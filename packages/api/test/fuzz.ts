import type { OpenApiDocument, Operation } from '../src/openapi/document.ts';
import type { JsonSchema } from '../src/openapi/json-schemas.ts';

/** A request as it could come from somebody who has read the document, or half of it, or none. */
export interface FuzzRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | undefined;
  readonly operation: Operation;
}

const nasty = [
  '',
  '0',
  '-1',
  'null',
  'undefined',
  '../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '\u0000',
  '\ud800',
  '𝒳'.repeat(40),
  'a'.repeat(5_000),
  "' OR 1=1 --",
  '{{7*7}}',
  '<script>alert(1)</script>',
  '{"a":1}',
  '__proto__',
  'constructor',
  'file:///etc/passwd',
  'https://127.0.0.1/',
  's3://bucket/key',
  's3://',
  '2026-13-45T99:99:99Z',
  '1e400',
  'content',
  'content@production',
  '\r\nx: y',
  '٣',
];

/** Requests over an OpenAPI document, the same from the same seed. */
export class Fuzzer {
  readonly #document: OpenApiDocument;
  readonly #operations: readonly { readonly path: string; readonly method: string; readonly operation: Operation }[];
  #state: number;

  constructor(document: OpenApiDocument, seed: number) {
    this.#document = document;
    this.#state = seed >>> 0;
    this.#operations = Object.entries(document.paths)
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
      )
      // Streams of events have no end to wait for.
      .filter(({ operation }) => !JSON.stringify(operation.responses).includes('text/event-stream'));
  }

  next(): FuzzRequest {
    const { path, method, operation } = this.#pick(this.#operations);
    const headers: Record<string, string> = {};
    const query = new URLSearchParams();
    let url = path;
    for (const parameter of operation.parameters ?? []) {
      if (!parameter.required && this.#chance(0.5)) continue;
      const value = this.#text(this.#valueOf(parameter.schema));
      if (parameter.in === 'path') url = url.replace(`{${parameter.name}}`, encodePart(value) || 'x');
      else if (parameter.in === 'query') query.append(parameter.name, value);
      else headers[parameter.name] = headerText(value);
    }
    if (this.#chance(0.05)) query.append(this.#pick(nasty), this.#pick(nasty));
    if (this.#chance(0.05)) headers['request-timeout'] = headerText(this.#pick(nasty));
    if (this.#chance(0.05)) headers.accept = headerText(this.#pick(nasty));
    if (this.#chance(0.03)) headers['content-encoding'] = this.#pick(['gzip', 'br', 'identity']);
    const body = this.#bodyOf(operation, headers);
    const search = query.toString();
    return {
      method: this.#chance(0.03) ? this.#pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) : method,
      url: search ? `${url}?${search}` : url,
      headers,
      body,
      operation,
    };
  }

  #bodyOf({ requestBody }: Operation, headers: Record<string, string>): Buffer | undefined {
    if (!requestBody) {
      if (!this.#chance(0.05)) return undefined;
      headers['content-type'] = this.#pick(['application/json', 'text/plain', 'image/jpeg']);
      return Buffer.from(this.#pick(nasty));
    }
    if (this.#chance(0.03)) return undefined;
    const [type, { schema }] = this.#pick(Object.entries(requestBody.content));
    headers['content-type'] = this.#chance(0.05)
      ? headerText(this.#pick(nasty)) || 'x'
      : type.replace('*', this.#pick(['jpeg', 'png', 'x']));
    if (type === 'application/json') return this.#json(schema);
    if (type.startsWith('multipart/')) return this.#form(schema, headers);
    if (type === 'application/x-www-form-urlencoded')
      return Buffer.from(new URLSearchParams(Object.entries(this.#fieldsOf(schema))).toString());
    return this.#bytes();
  }

  #json(schema: JsonSchema): Buffer {
    const text = JSON.stringify(this.#valueOf(schema)) ?? 'null';
    if (this.#chance(0.05)) return Buffer.from(text.slice(0, this.#below(text.length + 1)));
    if (this.#chance(0.02)) return Buffer.from(`${'['.repeat(2_000)}${']'.repeat(2_000)}`);
    return Buffer.from(this.#chance(0.02) ? `{"__proto__":${text}}` : text);
  }

  #form(schema: JsonSchema, headers: Record<string, string>): Buffer {
    const boundary = `b${this.#below(1e9)}`;
    headers['content-type'] = `multipart/form-data; boundary=${boundary}`;
    const parts = Object.entries(this.#fieldsOf(schema)).flatMap(([name, value]) => {
      const file = /file/.test(name) || this.#chance(0.1);
      const head = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file ? `; filename="${headerText(value).slice(0, 50)}"` : ''}\r\n\r\n`;
      return [Buffer.from(head), file ? this.#bytes() : Buffer.from(value), Buffer.from('\r\n')];
    });
    const whole = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
    return this.#chance(0.1) ? whole.subarray(0, this.#below(whole.length)) : whole;
  }

  #fieldsOf(schema: JsonSchema): Record<string, string> {
    const value = this.#valueOf(schema);
    if (typeof value !== 'object' || value === null) return { field: this.#text(value) };
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#text(each)]));
  }

  /** Mostly what the schema says, sometimes what it does not. */
  #valueOf(given: JsonSchema, depth = 0): unknown {
    if (this.#chance(0.08)) return this.#pick([null, true, -1, 1e308, 0.5, [], {}, ...nasty]);
    const schema = this.#resolved(given);
    const alternatives = (schema.anyOf ?? schema.oneOf) as readonly JsonSchema[] | undefined;
    if (alternatives) return this.#valueOf(this.#pick(alternatives), depth);
    if (schema.const !== undefined) return schema.const;
    if (Array.isArray(schema.enum)) return this.#pick(schema.enum);
    switch (Array.isArray(schema.type) ? this.#pick(schema.type) : schema.type) {
      case 'object':
        return this.#objectOf(schema, depth);
      case 'array':
        return depth > 4
          ? []
          : Array.from({ length: this.#below(4) }, () => this.#valueOf((schema.items ?? {}) as JsonSchema, depth + 1));
      case 'integer':
      case 'number':
        return this.#numberOf(schema);
      case 'boolean':
        return this.#chance(0.5);
      case 'null':
        return null;
      default:
        return this.#stringOf(schema);
    }
  }

  #objectOf(schema: JsonSchema, depth: number): object {
    const required = new Set((schema.required ?? []) as readonly string[]);
    const members = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
      .filter(([name]) => (required.has(name) ? !this.#chance(0.05) : this.#chance(0.5)))
      .map(([name, member]) => [name, depth > 6 ? null : this.#valueOf(member, depth + 1)] as const);
    if (this.#chance(0.05)) members.push([this.#pick(nasty).slice(0, 100), this.#pick(nasty)]);
    return Object.fromEntries(members);
  }

  #numberOf(schema: JsonSchema): number {
    const from = Number(schema.minimum ?? -10);
    const to = Math.min(Number(schema.maximum ?? 1_000), from + 1_000);
    return this.#pick([from, to, from - 1, to + 1, Math.floor(from + this.#next() * (to - from)), from + 0.5]);
  }

  #stringOf(schema: JsonSchema): string {
    if (schema.format === 'date-time')
      return this.#pick(['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.678Z', 'yesterday']);
    if (this.#chance(0.4)) return this.#pick(nasty);
    const length = this.#below(20);
    return Array.from({ length }, () => this.#pick([...'abcz09-_./:@'])).join('');
  }

  #resolved(schema: JsonSchema): JsonSchema {
    const { $ref } = schema;
    if (typeof $ref !== 'string') return schema;
    return this.#document.components.schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {};
  }

  #bytes(): Buffer {
    const size = this.#pick([0, 1, 3, 100, 5_000]);
    const bytes = Buffer.from(Array.from({ length: size }, () => this.#below(256)));
    if (size >= 3 && this.#chance(0.5)) Buffer.from([0xff, 0xd8, 0xff]).copy(bytes);
    return bytes;
  }

  #text(value: unknown): string {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  }

  #chance(share: number): boolean {
    return this.#next() < share;
  }

  #below(bound: number): number {
    return Math.floor(this.#next() * bound);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }

  /** Mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

const encodePart = (value: string): string => encodeURIComponent(value.slice(0, 900).replace(/\p{Surrogate}/gu, '?'));

/** What a header may hold at all. */
const headerText = (value: string): string => value.replace(/[^\x20-\x7e]/g, '').slice(0, 1_000);
