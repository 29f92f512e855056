import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { RookeryError, type SourceFilter } from '@rookery/contracts';
import { isGlobOutside, pictureSuffixes, type RequestedSource } from '@rookery/producer';
import { bytes, integer, share } from '../config/kinds.ts';
import { parseFlag, parseTime } from './parse-flag.ts';
import { localPath, parsePlace } from './parse-place.ts';

export interface SourceOptions {
  readonly manifest?: 'lines' | 'csv' | 'inventory';
  readonly bucket?: string;
  readonly shards?: boolean;
  readonly glob?: string;
  readonly minSize?: string;
  readonly maxSize?: string;
  readonly modifiedAfter?: string;
  readonly modifiedBefore?: string;
  readonly sample?: string;
  readonly limit?: string;
}

export interface SourceWorld {
  readonly cwd: string;
  readonly stdin: AsyncIterable<string | Buffer>;
  /** As configured; unset: pictures where a prefix is listed, everything where keys are named. */
  readonly suffixes: readonly string[] | undefined;
  /** Reads a local list in place. By default it is copied into the job, since workers, and whoever resumes it, may be elsewhere. */
  readonly inPlace?: boolean | undefined;
}

/** SOURCE and the flags about it. @throws {RookeryError} USAGE, SOURCE_NOT_FOUND */
export async function parseSource(text: string, options: SourceOptions, world: SourceWorld): Promise<RequestedSource> {
  if (options.shards) return await shardsOf(text, options, world);
  const format = options.manifest ?? (await formatOf(text, world.cwd));
  if (!format) {
    const place = await parsePlace(text, world.cwd);
    if (options.bucket !== undefined)
      throw new RookeryError('USAGE', { detail: '--bucket is for lists of keys; say which with --manifest' });
    return {
      kind: 'prefix',
      ...place,
      filter: filterOf(options, world.suffixes ?? pictureSuffixes),
    };
  }
  if (options.bucket === undefined)
    throw new RookeryError('USAGE', { detail: `${text} is a list of keys: --bucket says where they lie` });
  const { bucket, prefix } = await parsePlace(
    options.bucket.includes('/') ? options.bucket : `s3://${options.bucket}`,
    world.cwd,
  );
  if (prefix !== '')
    throw new RookeryError('USAGE', { detail: `--bucket ${options.bucket}: a bucket, without a prefix` });
  return {
    kind: 'manifest',
    bucket,
    format,
    filter: filterOf(options, world.suffixes),
    manifest: manifestOf(text, format, world),
  };
}

/** Tar files below a prefix, or those that a pattern names: `s3://bucket/shards/*.tar`. */
async function shardsOf(text: string, options: SourceOptions, world: SourceWorld): Promise<RequestedSource> {
  if (options.manifest !== undefined || options.bucket !== undefined || text === '-')
    throw new RookeryError('USAGE', { detail: '--shards is for tar files below a prefix or in a folder' });
  const [, place = text, pattern] = /^([^*?[{]*\/)([^/]*[*?[{].*)$/.exec(text) ?? [];
  const filter = filterOf(options, world.suffixes ?? pictureSuffixes);
  return { kind: 'shards', ...(await parsePlace(place, world.cwd)), glob: pattern ?? '**/*.tar', filter };
}

/** Told by the name: a list, or `undefined` for a prefix. */
async function formatOf(text: string, cwd: string): Promise<'lines' | 'csv' | 'inventory' | undefined> {
  if (text === '-') return 'lines';
  if (!text.startsWith('s3://') && !(await stat(localPath(text, cwd)).catch(() => undefined))?.isFile())
    return undefined;
  if (/(^|\/)manifest\.json$|\.csv\.gz$/.test(text)) return 'inventory';
  if (text.endsWith('.csv')) return 'csv';
  return text.endsWith('.txt') ? 'lines' : undefined;
}

function manifestOf(
  text: string,
  format: string,
  { cwd, stdin, inPlace }: SourceWorld,
): string | AsyncIterable<Uint8Array> {
  if (text === '-') return asBytes(stdin);
  if (text.startsWith('s3://')) return text;
  const path = localPath(text, cwd);
  return format === 'inventory' || inPlace ? pathToFileURL(path).href : createReadStream(path);
}

async function* asBytes(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk as string);
}

function filterOf(options: SourceOptions, suffixes: readonly string[] | undefined): SourceFilter {
  const filter: { -readonly [Key in keyof SourceFilter]: SourceFilter[Key] | undefined } = {
    suffixes: suffixes && !suffixes.includes('*') ? [...suffixes] : undefined,
    glob: options.glob,
    minSizeBytes: parseFlag('--min-size', bytes(0), options.minSize),
    maxSizeBytes: parseFlag('--max-size', bytes(0), options.maxSize),
    modifiedAfter: parseTime('--modified-after', options.modifiedAfter),
    modifiedBefore: parseTime('--modified-before', options.modifiedBefore),
    limit: parseFlag('--limit', integer(1), options.limit),
    sample: parseFlag('--sample', share, options.sample),
  };
  if (filter.suffixes?.length === 0)
    throw new RookeryError('USAGE', { detail: '--suffixes: no ending; "*" is for all' });
  if (filter.glob !== undefined && isGlobOutside(filter.glob))
    throw new RookeryError('USAGE', {
      detail: `--glob ${filter.glob}: ".." leads out of the prefix, or back from a pattern`,
    });
  if (filter.glob === '') throw new RookeryError('USAGE', { detail: '--glob: no pattern' });
  const { minSizeBytes = 0, maxSizeBytes = minSizeBytes, modifiedAfter = '', modifiedBefore } = filter;
  if (minSizeBytes > maxSizeBytes)
    throw new RookeryError('USAGE', { detail: 'nothing is of at least --min-size and of at most --max-size' });
  if (modifiedBefore !== undefined && modifiedAfter >= modifiedBefore)
    throw new RookeryError('USAGE', { detail: 'nothing is both after --modified-after and before --modified-before' });
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as SourceFilter;
}
