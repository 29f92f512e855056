import type * as z from 'zod';

/** Checks a part of a request that fastify does not: a failure names its members under `part`. */
export function check<T extends z.ZodType>(schema: T, value: unknown, part: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw Object.assign(parsed.error, { validationContext: part });
}
