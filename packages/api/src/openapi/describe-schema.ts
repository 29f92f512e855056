import type { OpenApiDocument } from './document.ts';
import { type Html, html } from './html.ts';
import type { JsonSchema } from './json-schemas.ts';

const componentPrefix = '#/components/schemas/';

/** A schema in words: its type and bounds, its members as a list. A component inside itself is only named. */
export function describeSchema(schema: JsonSchema, document: OpenApiDocument, inside: readonly string[] = []): Html {
  const { $ref } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.slice(componentPrefix.length);
    const component = document.components.schemas[name];
    if (!component || inside.includes(name)) return html`<i>${name}</i>`;
    return html`<i>${name}</i> ${describeSchema(component, document, [...inside, name])}`;
  }
  const alternatives = (schema.anyOf ?? schema.oneOf) as readonly JsonSchema[] | undefined;
  if (alternatives) {
    return html`${alternatives.map((each, at) => html`${at > 0 ? html` <em>or</em> ` : ''}${describeSchema(each, document, inside)}`)}`;
  }
  if (schema.type === 'array')
    return html`list of ${describeSchema((schema.items ?? {}) as JsonSchema, document, inside)}`;
  const members = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  if (members.length === 0) return html`${inWords(schema)}`;
  const required = (schema.required ?? []) as readonly string[];
  return html`<ul class="members">${members.map(
    ([name, member]) =>
      html`<li><code>${name}</code>${required.includes(name) ? '' : html` <small>optional</small>`}: ${describeSchema(member, document, inside)}${
        typeof member.description === 'string' ? html` <span>${member.description}</span>` : ''
      }</li>`,
  )}</ul>`;
}

function inWords(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  const type =
    typeof schema.type === 'string' ? schema.type : schema.type === undefined ? 'anything' : String(schema.type);
  const bounds = [
    bound('from', schema.minimum),
    bound('to', isBound(schema.maximum)),
    bound('more than', schema.exclusiveMinimum),
    bound('at most', schema.maxLength, 'characters'),
    bound('as', schema.format),
    bound('like', schema.pattern),
  ].filter(Boolean);
  return [type, ...bounds].join(' ');
}

const bound = (word: string, value: unknown, unit = ''): string =>
  typeof value === 'number' || typeof value === 'string' ? `${word} ${value} ${unit}`.trim() : '';

/** Not the largest number there is, which zod writes where it bounds nothing. */
const isBound = (value: unknown): unknown => (value === Number.MAX_SAFE_INTEGER ? undefined : value);
