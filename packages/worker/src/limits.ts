/** What bounds a worker. Everything that is not given has a default that suits pictures of a camera or the web. */
export interface WorkerLimits {
  /** Pictures leased and not yet answered before the worker stops leasing. */
  readonly leaseAhead: number;
  /** Pictures between the start of their fetch and their answer. */
  readonly pictures: number;
  /** Fetches at the same time. */
  readonly fetches: number;
  /** Encoded bytes held at the same time. */
  readonly bytes: number;
  /** SOURCE_TOO_MANY_BYTES beyond this. */
  readonly pictureBytes: number;
  /** Warm models at the same time. */
  readonly models: number;
  /** From this delivery on a task runs in a process of its own. */
  readonly isolateFromAttempt: number;
  /** How long a picture may take there. */
  readonly isolatedPictureMs: number;
  /** How long a bucket may be down before its tasks are given back. */
  readonly bucketDownMs: number;
}

export const defaultLimits: WorkerLimits = {
  leaseAhead: 128,
  pictures: 96,
  fetches: 32,
  bytes: 256 << 20,
  pictureBytes: 64 << 20,
  models: 2,
  isolateFromAttempt: 3,
  isolatedPictureMs: 60_000,
  bucketDownMs: 60_000,
};
