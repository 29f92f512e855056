import type { FastifySchemaCompiler, FastifySerializerCompiler, FastifyTypeProvider } from 'fastify';
import * as z from 'zod';

/** Types of a route's parameters, query and body from the zod schemas that stand in its `schema`. */
export interface ZodTypeProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  readonly serializer: this['schema'] extends z.ZodType ? z.input<this['schema']> : unknown;
}

/** Checks what comes in. A failure is the `ZodError` itself; `problem-details` names the members in it. */
export const validatorCompiler: FastifySchemaCompiler<unknown> = ({ schema, httpPart }) => {
  const checked = zodOf(schema);
  return (data) => {
    // No body is `null` to fastify and `undefined` to an optional schema.
    const parsed = checked.safeParse(httpPart === 'body' && data === null ? undefined : data);
    return parsed.success ? { value: parsed.data } : { error: parsed.error };
  };
};

/** Writes what goes out: only what the schema has. An answer that differs from it is a bug and becomes INTERNAL. */
export const serializerCompiler: FastifySerializerCompiler<unknown> = ({ schema }) => {
  const checked = zodOf(schema);
  return (data) => JSON.stringify(checked.parse(data));
};

function zodOf(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new TypeError('the schema of a route is made with zod');
}
