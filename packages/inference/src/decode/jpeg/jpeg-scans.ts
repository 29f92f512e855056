import { huffmanTables } from './jpeg-tables.ts';

/** Of a frame: how often its samples are taken along each side. */
export interface JpegComponent {
  readonly id: number;
  readonly across: number;
  readonly down: number;
}

/** One pass over the picture. */
export interface JpegScan {
  /** Places of its components in the frame. */
  readonly components: readonly number[];
  /** First and last coefficient that it sends, in zigzag order: T.81's `Ss` and `Se`. */
  readonly first: number;
  readonly last: number;
  /** The lowest bit of them that is known after it: T.81's `Al`. */
  readonly lowBit: number;
  /** Where its data end. */
  readonly end: number;
}

export interface JpegScans {
  readonly progressive: boolean;
  readonly components: readonly JpegComponent[];
  readonly scans: readonly JpegScan[];
}

/** Decoders give up on pictures with more, which exist to keep them busy. */
const mostScans = 100;

/** Called before the data of a scan, for the one before it: `true` ends the walk. */
type BeforeNext = (scan: JpegScan, next: Pick<JpegScan, 'components'>, frame: JpegFrame) => boolean;

type JpegFrame = Omit<JpegScans, 'scans'>;

/** What a walk has come across. */
interface Walk {
  readonly bytes: Uint8Array;
  readonly beforeNext: BeforeNext;
  readonly tables: Set<number>;
  frame: JpegFrame | undefined;
  readonly scans: JpegScan[];
  /** Of each component, the lowest bit known of each coefficient; -1: nothing is. */
  readonly known: Int8Array[];
}

/**
 * Walks the scans of a JPEG (ITU-T T.81, B.2) without decoding them. Stricter than decoders are: `undefined` for whatever is not plainly
 * in order, up to the end marker. So a file for which there is an answer is one that a decoder reads to its end.
 */
export function jpegScans(bytes: Uint8Array): JpegScans | undefined {
  const found = walkScans(bytes, () => false);
  return typeof found === 'string' ? undefined : found;
}

/**
 * `jpegScans` of a file that may be there only up to some byte. `short`: in order as far as it is there; `stopped`: by `beforeNext`;
 * `disordered`: whatever else there is no answer for.
 */
export function walkScans(bytes: Uint8Array, beforeNext: BeforeNext): JpegScans | 'short' | 'stopped' | 'disordered' {
  const walk: Walk = { bytes, beforeNext, tables: new Set(), frame: undefined, scans: [], known: [] };
  let at = 2;
  for (;;) {
    if (at >= bytes.length) return 'short';
    if (bytes[at] !== 0xff) return 'disordered';
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1];
    if (marker === undefined) return 'short';
    if (marker === endOfImage) break;
    if (at + 4 > bytes.length) return 'short';
    const length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    const end = at + 2 + length;
    if (length < 2) return 'disordered';
    if (end > bytes.length) return 'short';
    const after = takeSegment(walk, marker, bytes.subarray(at + 4, end), end);
    if (after === undefined) return 'disordered';
    if (after === stopped) return 'stopped';
    at = after;
  }
  const { frame, scans } = walk;
  return frame && scans.length > 0 ? { ...frame, scans } : 'disordered';
}

const stopped = -1;

const endOfImage = 0xd9;
const startOfScan = 0xda;

/** @returns Where the next marker is; beyond the bytes where they end before it. */
function takeSegment(walk: Walk, marker: number, segment: Uint8Array, end: number): number | undefined {
  if (marker === startOfScan) return takeScan(walk, segment, end);
  if (marker === 0xc4) {
    const tables = huffmanTables(segment);
    for (const table of tables ?? []) walk.tables.add(table);
    return tables && end;
  }
  // Sequential and progressive frames with Huffman codes.
  if (marker >= 0xc0 && marker <= 0xc2) {
    if (walk.frame) return undefined;
    const components = frameComponents(segment);
    walk.frame = components && { progressive: marker === 0xc2, components };
    walk.known.push(...(components ?? []).map(() => new Int8Array(64).fill(-1)));
    return components && end;
  }
  // Quantisation tables and the restart interval.
  if (marker === 0xdb) return quantisationIsSound(segment) ? end : undefined;
  if (marker === 0xdd) return segment.length === 2 ? end : undefined;
  // Applications and comments come before the first scan.
  const described = (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;
  return described && walk.scans.length === 0 ? end : undefined;
}

function quantisationIsSound(segment: Uint8Array): boolean {
  let at = 0;
  while (at < segment.length) {
    const table = segment[at] as number;
    if ((table & 0xef) > 3) return false;
    at += table < 16 ? 65 : 129;
  }
  return at === segment.length;
}

function frameComponents(segment: Uint8Array): JpegComponent[] | undefined {
  const count = segment[5] ?? 0;
  const known = count === 1 || count === 3 || count === 4;
  if (segment[0] !== 8 || !known || segment.length !== 6 + 3 * count) return undefined;
  const components = Array.from({ length: count }, (_, place) => {
    const [id = 0, factors = 0] = segment.subarray(6 + 3 * place);
    return { id, across: factors >> 4, down: factors & 15 };
  });
  const sound = components.every(({ across, down }) => across >= 1 && across <= 4 && down >= 1 && down <= 4);
  return sound && new Set(components.map(({ id }) => id)).size === count ? components : undefined;
}

/** Reads a scan's header and passes over its data. */
function takeScan(
  { bytes, beforeNext, tables, frame, scans, known }: Walk,
  segment: Uint8Array,
  dataAt: number,
): number | undefined {
  const count = segment[0] ?? 0;
  if (!frame || count < 1 || count > 4 || segment.length !== 4 + 2 * count || scans.length === mostScans)
    return undefined;
  const places = Array.from({ length: count }, (_, i) =>
    frame.components.findIndex(({ id }) => id === segment[1 + 2 * i]),
  );
  if (!places.every((place, i) => place > (places[i - 1] ?? -1))) return undefined;
  const [first = 0, last = 0, bits = 0] = segment.subarray(1 + 2 * count);
  const [highBit, lowBit] = [bits >> 4, bits & 15];
  const step = { first, last, highBit, lowBit };
  const sent = places.map((place) => known[place] as Int8Array);
  if (!(frame.progressive ? isProgressiveStep(step, sent) : first === 0 && last === 63)) return undefined;
  if (count > 1) {
    const blocks = places.map((place) => frame.components[place]).map((it) => (it ? it.across * it.down : 0));
    if (blocks.reduce((sum, each) => sum + each, 0) > 10) return undefined;
  }
  for (let i = 0; i < count; i++) {
    const selected = segment[2 + 2 * i] as number;
    const needsDc = first === 0 && highBit === 0;
    if (needsDc && !tables.has(selected >> 4)) return undefined;
    if (last > 0 && !tables.has(16 + (selected & 15))) return undefined;
  }
  const before = scans.at(-1);
  if (before && beforeNext(before, { components: places }, frame)) return stopped;
  const end = endOfData(bytes, dataAt);
  if (end !== undefined && end < bytes.length) scans.push({ components: places, first, last, lowBit, end });
  return end;
}

interface Step {
  readonly first: number;
  readonly last: number;
  /** `Ah`, the lowest bit known before it, and `Al`, the lowest known after it. */
  readonly highBit: number;
  readonly lowBit: number;
}

/**
 * Takes what a progressive scan sends, where it is what it may send (ITU-T T.81, G.1.1.1): DC of several components or AC of one whose DC
 * is known; new coefficients, or known ones with one bit more.
 */
function isProgressiveStep({ first, last, highBit, lowBit }: Step, sent: readonly Int8Array[]): boolean {
  if (first === 0 ? last !== 0 : last < first || last > 63 || sent.length !== 1) return false;
  if (lowBit > 13 || (highBit !== 0 && highBit !== lowBit + 1)) return false;
  for (const known of sent) {
    if (first > 0 && known[0] === -1) return false;
    const before = known.subarray(first, last + 1);
    if (!before.every((bit) => Math.max(bit, 0) === highBit)) return false;
    before.fill(lowBit);
  }
  return true;
}

/** The first marker that is no restart; beyond the bytes where there is none. Zeros follow a value of 255 that is none. */
function endOfData(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 2)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next === 0xff) return undefined;
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}
