/** What bounds jobs, uploads and what is read of them. */
export interface JobLimits {
  /** Of one picture that is uploaded or shown. Bytes. */
  readonly pictureBytes: number;
  /** Of all pictures that one request asks addresses for. */
  readonly uploadBytes: number;
  /** How long an address to put a picture to is good. */
  readonly addressMs: number;
  /** Streams of events, all together. */
  readonly streams: number;
  /** Streams of events and downloads of one key, or one address where there are none. */
  readonly perCaller: number;
  /** A stream is ended after it, so that whoever follows has to show the key again. */
  readonly streamMs: number;
  /** A sign of life in a stream in which nothing happens. */
  readonly heartbeatMs: number;
  /** Results that are being read as files, all together. Each holds about a megabyte; Parquet ten. */
  readonly downloads: number;
  /** Pictures that are scaled down at the same time, and those that wait for it. */
  readonly thumbnails: number;
  readonly waitingThumbnails: number;
  /** Scaled-down pictures that are kept. Bytes. */
  readonly thumbnailBytes: number;
  /** Pixels of a picture that is shown. */
  readonly maxPixels: number;
  /** Jobs that are planned at the same time. */
  readonly plans: number;
  /** How long a source may be looked at before a request for a job is answered. */
  readonly lookMs: number;
  /** Results that a page of lines reads at most: a filter that lets little through ends the page early. */
  readonly resultsPerPage: number;
  /** From one point of the fleet's figures to the next. */
  readonly fleetStepMs: number;
}

const mebibyte = 1 << 20;

export const defaultJobLimits: JobLimits = {
  pictureBytes: 64 * mebibyte,
  uploadBytes: 10_240 * mebibyte,
  addressMs: 900_000,
  streams: 512,
  perCaller: 64,
  streamMs: 900_000,
  heartbeatMs: 15_000,
  downloads: 16,
  thumbnails: 2,
  waitingThumbnails: 512,
  thumbnailBytes: 32 * mebibyte,
  maxPixels: 50_000_000,
  plans: 4,
  lookMs: 1_500,
  resultsPerPage: 64,
  fleetStepMs: 5_000,
};
