import * as z from 'zod';

/* What Weights & Biases answers to the requests of `artifacts.ts`: only the fields that are read. */

export const Collection = z.object({
  name: z.string(),
  project: z.object({ name: z.string(), entity: z.object({ name: z.string() }).nullish() }).nullish(),
});
export const Node = z.object({
  id: z.string(),
  state: z.string(),
  metadata: z.string().nullish(),
  versionIndex: z.number().nullish(),
  artifactType: z.object({ name: z.string() }).nullish(),
  aliases: z.array(z.object({ alias: z.string(), artifactCollection: Collection.nullish() }).nullable()),
});

export const Page = z.object({ endCursor: z.string().nullish(), hasNextPage: z.boolean() });
export const Success = z.object({ addAliases: z.unknown().optional(), deleteAliases: z.unknown().optional() });

export const Files = z.object({
  edges: z.array(z.object({ node: z.object({ name: z.string(), directUrl: z.string() }) })),
});
export const CollectionsPage = z.object({
  pageInfo: Page,
  edges: z.array(z.object({ node: z.object({ name: z.string() }) })),
});
export type CollectionsPage = z.infer<typeof CollectionsPage>;
export const CollectionsAnswer = z.object({
  project: z.object({ artifactType: z.object({ artifactCollections: CollectionsPage }).nullish() }).nullish(),
});
export type CollectionsAnswer = z.infer<typeof CollectionsAnswer>;
export const ListPage = z.object({ pageInfo: Page, edges: z.array(z.object({ node: Node.nullable() })) });
export type ListPage = z.infer<typeof ListPage>;
export const ListAnswer = z.object({
  project: z.object({ artifactCollection: z.object({ artifacts: ListPage }).nullish() }).nullish(),
});
export type ListAnswer = z.infer<typeof ListAnswer>;

/** Anybody may write anything there. */
export function metadataOf(text: string | null | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
