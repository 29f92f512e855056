import { type JobSourceRequest, RookeryError, type SourceFilter } from '@rookery/contracts';
import { isGlobOutside, pictureSuffixes, type RequestedSource } from '@rookery/producer';
import type { Uploads } from '../uploads/uploads.ts';

/** A source as the producer wants it, and the size of tasks where the number of pictures is known. */
export interface SourceOfJob {
  readonly source: RequestedSource;
  readonly taskSize?: number | undefined;
}

/** @throws {RookeryError} REQUEST_INVALID, SOURCE_NOT_FOUND for an upload in which nothing has arrived */
export async function requestedSource(request: JobSourceRequest, uploads: Uploads | undefined): Promise<SourceOfJob> {
  const { kind } = request;
  if (kind === 'upload') {
    if (!uploads) throw new RookeryError('REQUEST_INVALID', { detail: 'this service takes no uploads' });
    const { bucket, prefix } = await uploads.arrived(request.upload);
    return { source: { kind: 'prefix', bucket, prefix, filter: {} } };
  }
  const { bucket } = request;
  if (kind === 'prefix') {
    const { prefix, filter = {} } = request;
    return { source: { kind, bucket, prefix, filter: checkedFilter({ suffixes: [...pictureSuffixes], ...filter }) } };
  }
  if (kind === 'keys') {
    const { keys } = request;
    const taskSize = Math.min(256, Math.ceil(keys.length / fewTasks));
    return { source: { kind: 'manifest', bucket, format: 'csv', filter: {}, manifest: listOf(keys) }, taskSize };
  }
  const { manifest, format, filter = {} } = request;
  if (manifest.includes('://'))
    throw new RookeryError('REQUEST_INVALID', { detail: 'manifest is a key in the bucket' });
  return { source: { kind, bucket, format, manifest, filter: checkedFilter(filter) } };
}

/** Tasks that a small job is cut into, so that several workers have a few each. */
const fewTasks = 16;

/** Every key in quotes: it may hold commas, quotes and line breaks. */
async function* listOf(keys: readonly string[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from('key\n');
  for (let at = 0; at < keys.length; at += 1_000)
    yield Buffer.from(
      keys
        .slice(at, at + 1_000)
        .map((key) => `"${key.replaceAll('"', '""')}"\n`)
        .join(''),
    );
}

/** Wildcards that one glob may have: matching it backtracks, a power of the key's length with each. */
const maxWildcards = 4;

/** `*` among the suffixes means all objects, whatever they are called. */
function checkedFilter(filter: SourceFilter): SourceFilter {
  const { suffixes, glob, ...rest } = filter;
  const wildcards = glob?.match(/\*+|\?|\[/g)?.length ?? 0;
  if (glob !== undefined && (glob.length > 256 || wildcards > maxWildcards || /[(){}+@!]/.test(glob))) {
    const detail = `source.filter.glob: at most 256 characters and ${maxWildcards} of *, **, ? and [...]; no groups`;
    throw new RookeryError('REQUEST_INVALID', { detail });
  }
  if (glob !== undefined && isGlobOutside(glob))
    throw new RookeryError('REQUEST_INVALID', {
      detail: `source.filter.glob: ".." leads out of the prefix, or back from a pattern`,
    });
  return {
    ...rest,
    ...(glob !== undefined && { glob }),
    ...(suffixes && !suffixes.includes('*') && { suffixes }),
  };
}
