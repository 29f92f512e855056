import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { jittered, RookeryError } from '@rookery/contracts';
import type { ObjectInfo, ObjectStore } from '@rookery/storage';
import { globMatcher } from './glob.ts';
import type { KeySource, SourceEntry } from './key-source.ts';
import { checkedItem } from './list-columns.ts';
import { ShardUnreadable, shardMembers } from './shard-members.ts';

export interface ShardSourceOptions {
  readonly pictures: ObjectStore;
  readonly prefix: string;
  /** Matched against what comes after the last `/` of the prefix. */
  readonly glob: string;
  /** Keys under Rookery's own prefix. */
  readonly isOwn: (key: string) => boolean;
  /** Which members become work. */
  readonly keep: (entry: SourceEntry) => boolean;
  /** Before a shard is read on; doubled each time. @default 100 */
  readonly pauseMs?: number;
}

/** Entries that are handed on together. */
const pieceSize = 256;
/** How often in a row a shard may fail to be read before the plan is given up. */
const attempts = 6;
const blockBytes = 512;

/**
 * The members of tar files: each shard is read once from its beginning to its end, since only its headers say where what lies, and
 * nothing of it is kept. A shard that stops being a tar file gets one entry of its own name for what is there instead: it becomes a line
 * that says so. @throws {RookeryError} SOURCE_CHANGED where a shard has changed in the middle of a plan
 */
export function shardSource({ pictures, prefix, glob, isOwn, keep, pauseMs = 100 }: ShardSourceOptions): KeySource {
  const reading = { pictures, pauseMs };
  const matches = globMatcher(glob);
  const base = prefix.lastIndexOf('/') + 1;
  return {
    sorted: false,
    async *entries({ afterKey, offset, etag }, signal) {
      if (afterKey !== undefined && offset !== undefined) {
        const begun = await pictures.head(afterKey, signal);
        if (!begun || begun.etag !== etag)
          throw new RookeryError('SOURCE_CHANGED', { detail: `${afterKey}, whose members were being listed` });
        yield* inPieces(membersOf(reading, begun, offset, signal), keep);
      }
      for await (const page of pictures.list(prefix, { startAfter: afterKey, signal }))
        for (const shard of page)
          if (!isOwn(shard.key) && matches(shard.key.slice(base)))
            yield* inPieces(membersOf(reading, shard, 0, signal), keep);
    },
  };
}

/** Reads on where a connection broke. */
async function* membersOf(
  { pictures, pauseMs }: { readonly pictures: ObjectStore; readonly pauseMs: number },
  shard: ObjectInfo,
  from: number,
  signal?: AbortSignal,
): AsyncGenerator<SourceEntry> {
  const { key, etag, sizeBytes } = shard;
  let at = from;
  for (let failures = 0; at < sizeBytes; ) {
    try {
      const range = at > 0 ? { start: at, end: sizeBytes - 1 } : undefined;
      const { chunks } = await pictures.read(key, { range, ifMatch: etag, signal });
      for await (const member of shardMembers(chunks, at)) {
        // Of one that begins behind the end of a shard that was cut, nothing is there.
        const isThere = member.start < sizeBytes;
        yield entryOf(shard, keyOf(key, member.name), isThere ? member : { ...member, sizeBytes: 0 });
        at = member.end;
        failures = 0;
      }
      return;
    } catch (thrown) {
      if (thrown instanceof ShardUnreadable) {
        // Cut inside of a member: that one has its entry already.
        if (at >= sizeBytes) return;
        const rest = { start: at, end: sizeBytes, sizeBytes: Math.min(blockBytes, sizeBytes - at) };
        yield entryOf(shard, key, rest, true);
        return;
      }
      const goesOn = thrown instanceof RookeryError && thrown.retryable && ++failures < attempts;
      if (!goesOn) throw asSourceError(thrown);
      const ownMs = pauseMs * 2 ** (failures - 1);
      await sleep(jittered(Math.max(ownMs, thrown.retryAfterMs ?? 0)), undefined, { signal });
    }
  }
}

/** Most characters of a key. */
const mostOfKey = 1024;

/** The name of a member, behind that of its shard; one that would be too long for a key is cut before its ending, and told apart by a digest of the whole. */
function keyOf(shard: string, name: string): string {
  const key = `${shard}/${name}`;
  if (key.length <= mostOfKey) return key;
  const [ending = ''] = /\.\w{1,8}$/.exec(name) ?? [];
  const end = `~${createHash('sha256').update(name).digest('hex').slice(0, 16)}${ending}`;
  return `${key.slice(0, mostOfKey - end.length)}${end}`;
}

interface ShardEntry extends SourceEntry {
  /** Whatever the filter says. */
  readonly always?: boolean;
}

function entryOf(
  shard: ObjectInfo,
  key: string,
  { start, end, sizeBytes }: { start: number; end: number; sizeBytes: number },
  always = false,
): ShardEntry {
  const { etag, lastModified } = shard;
  return {
    item: checkedItem({ key, etag, shard: { key: shard.key, start, sizeBytes } }),
    sizeBytes,
    lastModified,
    next: { afterKey: shard.key, offset: end, etag },
    always,
  };
}

async function* inPieces(
  entries: AsyncIterable<ShardEntry>,
  keep: ShardSourceOptions['keep'],
): AsyncGenerator<readonly SourceEntry[]> {
  let piece: SourceEntry[] = [];
  for await (const { always, ...entry } of entries) {
    if (!always && !keep(entry)) continue;
    piece.push(entry);
    if (piece.length < pieceSize) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

const asSourceError = (thrown: unknown): unknown =>
  thrown instanceof RookeryError && (thrown.code === 'OBJECT_CHANGED' || thrown.code === 'OBJECT_NOT_FOUND')
    ? new RookeryError('SOURCE_CHANGED', { detail: thrown.detail ?? '', cause: thrown })
    : thrown;
