import { AliasName } from '@rookery/contracts';
import { parseReference, type Reference } from './reference.ts';

/** A reference, and the registry that it names itself. */
export interface ReferenceAt {
  /** `undefined`: whatever registry it is asked of. */
  readonly location?: string | undefined;
  readonly reference: Reference;
}

/** Takes an address apart: `s3://bucket/models/birds:candidate` is `birds:candidate` of the registry `s3://bucket/models`. */
export function parseRegistryAddress(text: string | Reference): ReferenceAt {
  const reference = typeof text === 'string' ? parseReference(text) : text;
  switch (reference.kind) {
    case 's3': {
      const [, folder = '', last = ''] = /^(?:(.*)\/)?([^/]+)\/*$/.exec(reference.key) ?? [];
      return {
        location: `s3://${reference.bucket}${folder && `/${folder}`}`,
        reference: inside(last),
      };
    }
    case 'wandb': {
      const { entity, project, artifact, alias } = reference;
      return {
        location: `wandb://${entity}/${project}`,
        reference: inside(isAlias(alias) ? `${artifact}:${alias}` : `${artifact}@${alias}`),
      };
    }
    default:
      return { reference };
  }
}

/** Versions are named by an alias of their own there. */
const isAlias = (alias: string): boolean => AliasName.safeParse(alias).success;

/** In an address the last part is always a name. @throws {RookeryError} REFERENCE_INVALID */
const inside = (name: string): Reference => parseReference(name);
