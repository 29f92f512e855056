import type { JobView } from '@rookery/client';

type Source = JobView['source'];

/**
 * A bucket and a prefix of it, as people write them: `s3://bucket/prefix`, `file:///folder`, `/folder`. `undefined` where the text is none of these.
 * Whether a bucket may have that name is for the service to say.
 */
export function parseLocation(text: string): { bucket: string; prefix: string } | undefined {
  const trimmed = text.trim();
  const s3 = /^(?:s3:\/\/)?(\w[\w.-]+)(?:\/(.*))?$/.exec(trimmed);
  if (s3?.[1]) return { bucket: s3[1], prefix: s3[2] ?? '' };
  if (/^file:\/\/\/./.test(trimmed)) return { bucket: trimmed, prefix: '' };
  if (/^\/./.test(trimmed)) return { bucket: `file://${encodeURI(trimmed)}`, prefix: '' };
  return undefined;
}

/** Where a job's pictures lie, in a line. */
export function sourceText(source: Source): string {
  const inside = source.kind === 'manifest' ? source.manifest : source.prefix;
  const upload = /(?:^|\/)uploads\/([a-z0-9-]+)\/?$/.exec(`${source.bucket}/${inside}`)?.[1];
  if (upload !== undefined) return 'Uploaded pictures';
  const place = source.bucket.startsWith('file://')
    ? decodeURI(source.bucket.slice('file://'.length))
    : `s3://${source.bucket}`;
  if (source.kind === 'manifest') return `A list of pictures in ${place}`;
  if (source.kind === 'shards') return `Shards ${place.replace(/\/$/, '')}/${inside}${source.glob}`;
  return inside ? `${place.replace(/\/$/, '')}/${inside}` : place;
}
