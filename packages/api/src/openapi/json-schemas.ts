import * as z from 'zod';

/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Turns zod into JSON Schema; what has an id becomes a component that the rest refers to. */
export class JsonSchemas {
  readonly components: Record<string, JsonSchema> = {};

  /** @param io `input` as a caller may send it, `output` as an answer has it. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // As part of another schema one with an id is referred to; alone it would be written out.
    const { $defs = {}, items } = z.toJSONSchema(z.array(schema), { io, unrepresentable: 'any' }) as {
      $defs?: Record<string, JsonSchema>;
      items: JsonSchema;
    };
    const names = new Map<string, string>();
    for (const [id, definition] of Object.entries($defs)) names.set(id, this.#nameFor(id, definition, io));
    for (const [id, definition] of Object.entries($defs)) {
      this.components[names.get(id) ?? id] = renamed(definition, names);
    }
    return renamed(items, names);
  }

  /** A schema that reads differently than it is written has two components. */
  #nameFor(id: string, definition: JsonSchema, io: 'input' | 'output'): string {
    const known = this.components[id];
    if (!known || JSON.stringify(known) === JSON.stringify(renamed(definition, new Map()))) return id;
    return io === 'input' ? `${id}Input` : `${id}Output`;
  }
}

const prefix = '#/$defs/';

const renamed = (schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema => {
  const { id: _id, $schema: _schema, ...rest } = schema;
  return JSON.parse(JSON.stringify(rest), (key: string, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string' || !value.startsWith(prefix)) return value;
    const id = value.slice(prefix.length);
    return `#/components/schemas/${names.get(id) ?? id}`;
  });
};
