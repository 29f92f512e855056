/** What happened to an object, whichever way it was told. */
export interface BucketEvent {
  readonly kind: 'created' | 'removed';
  /** An S3 bucket's name, or a folder's `file:///` address. */
  readonly bucket: string;
  readonly key: string;
  readonly etag?: string | undefined;
  /** Hexadecimal; of two events of one key the later has the greater. */
  readonly sequencer?: string | undefined;
}

/**
 * Whether `a` happened after `b` (or is its repeat), of two events of one key; where they do not tell, `a` was received later. S3's
 * sequencers are compared as text, the shorter one filled up with zeros on its right (Amazon S3 user guide, "Event message structure").
 */
export function isLater(a: BucketEvent, b: BucketEvent): boolean {
  if (a.sequencer === undefined || b.sequencer === undefined) return true;
  const length = Math.max(a.sequencer.length, b.sequencer.length);
  return a.sequencer.toUpperCase().padEnd(length, '0') >= b.sequencer.toUpperCase().padEnd(length, '0');
}
