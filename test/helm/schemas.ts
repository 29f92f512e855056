import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface Sources {
  /** Kubernetes' own description of its API. */
  readonly swagger: string;
  /** CustomResourceDefinitions, as YAML. */
  readonly definitions: readonly string[];
}

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  allOf?: Schema[];
  $ref?: string;
  format?: string;
  anyOf?: Schema[];
  [extension: `x-kubernetes-${string}`]: unknown;
}

interface Swagger {
  readonly definitions: Record<string, Schema>;
}

interface CustomResource {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly group: string;
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The name that `schemaLocation` finds a kind under. */
const fileOf = ({ group, version, kind }: GroupVersionKind): string =>
  `${[kind, ...(group === '' ? [] : [group.split('.')[0]]), version].join('-').toLowerCase()}.json`;

/** What kubeconform fills in: the first part of the group and the version. */
export const schemaLocation = (folder: string): string => `${folder}/{{ .ResourceKind }}{{ .KindSuffix }}.json`;

/** A JSON schema for each kind, with no property allowed that the API does not know. */
export async function writeSchemas(folder: string, { swagger, definitions }: Sources): Promise<void> {
  const { definitions: types } = JSON.parse(await readFile(swagger, 'utf8')) as Swagger;
  for (const type of Object.values(types)) close(type);
  await write(folder, 'definitions.json', { definitions: types });
  for (const [name, type] of Object.entries(types)) {
    const kinds = (type['x-kubernetes-group-version-kind'] ?? []) as GroupVersionKind[];
    // Types that many kinds share, such as options of a deletion, are none that is written down.
    if (kinds.length !== 1) continue;
    for (const kind of kinds)
      await write(folder, fileOf(kind), { $ref: `definitions.json#/definitions/${name}` } satisfies Schema);
  }
  for (const path of definitions) {
    const { spec } = parse(await readFile(path, 'utf8')) as CustomResource;
    for (const { name, schema } of spec.versions) {
      const { openAPIV3Schema } = schema;
      // As in any object; a definition does not describe it.
      if (openAPIV3Schema.properties)
        openAPIV3Schema.properties.metadata = { type: 'object', additionalProperties: true };
      close(openAPIV3Schema);
      await write(folder, fileOf({ group: spec.group, version: name, kind: spec.names.kind }), openAPIV3Schema);
    }
  }
}

const write = (folder: string, name: string, schema: object): Promise<void> =>
  writeFile(join(folder, name), JSON.stringify(schema));

/** Strict, and in the words of JSON Schema where Kubernetes has its own. */
function close(schema: Schema): void {
  const { properties, items, additionalProperties } = schema;
  if (schema.format === 'int-or-string' || schema['x-kubernetes-int-or-string']) {
    delete schema.format;
    delete schema.anyOf;
    schema.type = ['integer', 'string'];
  }
  if (properties && additionalProperties === undefined && !schema['x-kubernetes-preserve-unknown-fields'])
    schema.additionalProperties = false;
  for (const each of Object.values(properties ?? {})) close(each);
  if (items) close(items);
  if (typeof additionalProperties === 'object') close(additionalProperties);
  for (const each of schema.allOf ?? []) close(each);
}
