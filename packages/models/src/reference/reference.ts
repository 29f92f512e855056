import { fileURLToPath } from 'node:url';
import { AliasName, isBucketName, ModelName, ModelVersion, RookeryError } from '@rookery/contracts';

/** What a reference says, before anything is looked up. */
export type Reference =
  /** `name` (both absent), `name:alias` or `name@version` of a registry. */
  | { readonly kind: 'registry'; readonly name: string; readonly alias?: string; readonly version?: string }
  /** `wandb://entity/project/artifact:alias`. */
  | {
      readonly kind: 'wandb';
      readonly entity: string;
      readonly project: string;
      readonly artifact: string;
      readonly alias: string;
    }
  /** `s3://bucket/key`. */
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string }
  /** A folder with a manifest.json, or a model file for an importer. */
  | { readonly kind: 'path'; readonly path: string };

/** File endings that make a bare word a path rather than a name. */
const modelFile = /\.(onnx|tflite|pb|h5|hdf5|keras|json|xml|bin|zip|pt|pth|safetensors)$/i;
const wandbPart = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads a reference. Whatever holds a `/` or a `\`, begins with `.` or `~`, is a `file://` address or ends like a model file is a
 * path; everything else is a name of the registry, so that a folder of the working directory is written `./birds`.
 * @throws {RookeryError} REFERENCE_INVALID that says which part is wrong.
 */
export function parseReference(text: string): Reference {
  if (text === '') throw invalid(text, 'it is empty');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(text)) throw invalid(text, 'it holds a control character');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):\/\//.exec(text);
  if (scheme) return parseAddress(text, (scheme[1] ?? '').toLowerCase(), text.slice(scheme[0].length));
  if (/[\\/]/.test(text) || /^[.~]/.test(text) || modelFile.test(text)) return { kind: 'path', path: text };
  return parseName(text);
}

function parseAddress(text: string, scheme: string, rest: string): Reference {
  switch (scheme) {
    case 'wandb':
      return parseWandb(text, rest);
    case 's3':
      return parseS3(text, rest);
    case 'file':
      return { kind: 'path', path: pathOf(text) };
    default:
      throw invalid(text, `${scheme}:// is not a place for models; wandb:// and s3:// are`);
  }
}

function pathOf(text: string): string {
  try {
    return fileURLToPath(text);
  } catch (cause) {
    throw invalid(text, cause instanceof Error ? cause.message : String(cause));
  }
}

function parseWandb(text: string, rest: string): Reference {
  const [entity = '', project = '', last = '', ...more] = rest.split('/');
  const [artifact = '', alias = 'latest', ...colons] = last.split(':');
  const parts = [entity, project, artifact, alias];
  if (more.length > 0 || colons.length > 0 || !parts.every((part) => wandbPart.test(part)))
    throw invalid(text, 'it should read wandb://entity/project/artifact:alias');
  return { kind: 'wandb', entity, project, artifact, alias };
}

function parseS3(text: string, rest: string): Reference {
  const slash = rest.indexOf('/');
  const [bucket, key] = slash < 0 ? [rest, ''] : [rest.slice(0, slash), rest.slice(slash + 1)];
  if (!isBucketName(bucket) || key === '') throw invalid(text, 'it should read s3://bucket/folder');
  return { kind: 's3', bucket, key };
}

function parseName(text: string): Reference {
  const at = text.search(/[:@]/);
  const name = at < 0 ? text : text.slice(0, at);
  if (!ModelName.safeParse(name).success)
    throw invalid(
      text,
      name === '' ? 'the name is missing' : `"${name}" is no model name: lower-case letters, digits, ".", "_", "-"`,
    );
  if (at < 0) return { kind: 'registry', name };
  const rest = text.slice(at + 1);
  if (text[at] === '@') {
    if (!ModelVersion.safeParse(rest).success) throw invalid(text, `"${rest}" is no version (after "@")`);
    return { kind: 'registry', name, version: rest };
  }
  if (!AliasName.safeParse(rest).success) throw invalid(text, `"${rest}" is no alias (after ":")`);
  return { kind: 'registry', name, alias: rest };
}

const invalid = (text: string, why: string): RookeryError =>
  new RookeryError('REFERENCE_INVALID', { detail: `"${text.slice(0, 200)}": ${why}` });
