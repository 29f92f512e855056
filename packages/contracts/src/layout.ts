import { createHash } from 'node:crypto';
import { isBucketName } from './bucket-name.ts';

/** Ten zero-padded digits, so that the order of a listing is the order of numbers. */
export const seqName = (seq: number): string => String(seq).padStart(10, '0');

/** Where a job's objects lie, relative to Rookery's own prefix. */
export const jobLayout = (job: string) => {
  const root = `jobs/${job}/`;
  return {
    root,
    job: `${root}job.json`,
    tasks: `${root}tasks/`,
    task: (seq: number): string => `${root}tasks/${seqName(seq)}.json`,
    sealed: `${root}sealed.json`,
    results: `${root}results/`,
    result: (seq: number): string => `${root}results/${seqName(seq)}.jsonl`,
    summary: `${root}summary.json`,
    cancelled: `${root}cancelled`,
    /** Input that cannot be read twice, kept for a producer that goes on. */
    manifest: `${root}manifest`,
  };
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Names that bucket and store may both keep: some file systems do not tell capitals apart, and a long name leaves too little of a key. */
const isPlain = (bucket: string): boolean => isBucketName(bucket) && bucket.length <= 63 && !/[A-Z_]/.test(bucket);

/** A bucket as one path segment: its own name, or a hash of it where it is a folder's address or a name of the old kind. */
const bucketSegment = (bucket: string): string => (isPlain(bucket) ? bucket : `folder-${sha256(bucket).slice(0, 16)}`);

/** Where all labels of a bucket lie, and those below a prefix of it (hashed keys lie beside them). */
export const labelsOf = (bucket: string): string => `labels/${bucketSegment(bucket)}/`;

/** S3 allows keys of 1,024 bytes; ours must fit with the prefix in front, and each segment on a file system with its ending. */
const maxKeyBytes = 900;
const maxSegmentBytes = 240;

/** Part of a key that cannot be a folder's or file's name in every store: what leads elsewhere, and names that a folder store keeps for itself. */
const isUnclean = (part: string): boolean =>
  part === '' ||
  part === '.' ||
  part === '..' ||
  part.startsWith('.rookery-') ||
  part.includes('\0') ||
  Buffer.byteLength(part) > maxSegmentBytes;

/** Where the labels of all other keys lie. */
const hashedFolder = '.hashed';

/** The result of an event. Deterministic from the key: a hash of it where it is too long or not a clean path. */
export function labelKey(bucket: string, key: string): string {
  const parts = key.split('/');
  // A key may itself look like the place of another's label.
  const isClean = Buffer.byteLength(key) <= maxKeyBytes && parts[0] !== hashedFolder && !parts.some(isUnclean);
  return `${labelsOf(bucket)}${isClean ? key : `${hashedFolder}/${sha256(key)}`}.json`;
}

/** Where workers leave their signs of life: inside `jobs/`, which is Rookery's own everywhere. */
export const fleetLayout = {
  root: 'jobs/.fleet/',
  worker: (id: string): string => `jobs/.fleet/${id}.json`,
};

/** What is known of models in use: inside `jobs/`, which is Rookery's own everywhere. No job is called `.monitor`. */
export const monitorLayout = {
  baseline: (name: string, version: string): string => `jobs/.monitor/baselines/${name}/${version}.json`,
  baselines: 'jobs/.monitor/baselines/',
  windows: 'jobs/.monitor/windows/',
  /** Ordered by time; `id` keeps those of several workers apart. */
  window: (atMs: number, id: string): string => `jobs/.monitor/windows/${String(atMs).padStart(13, '0')}-${id}.json`,
  feedback: 'jobs/.monitor/feedback/',
};
