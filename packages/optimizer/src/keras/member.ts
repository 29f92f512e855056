import * as z from 'zod';

/** A layer, or a model, which is a layer too. */
export const Member = z.looseObject({
  class_name: z.string(),
  config: z
    .looseObject({ layers: z.array(z.unknown()).optional() })
    .optional()
    .catch(undefined),
  inbound_nodes: z.array(z.unknown()).optional(),
});
export type Member = z.infer<typeof Member>;
