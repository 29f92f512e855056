/** What bounds the service, whatever is sent to it. */
export interface ApiLimits {
  /** A request's body. Bytes. */
  readonly bodyBytes: number;
  /** One encoded picture, however it comes. */
  readonly pictureBytes: number;
  /** Of one request. */
  readonly pictures: number;
  /** Of one request, where it asks to have them explained. */
  readonly explainedPictures: number;
  /** Labels of a picture that are explained. */
  readonly explainedLabels: number;
  /** Encoded pictures of all requests in memory. */
  readonly heldBytes: number;
  /** OVERLOADED where a picture would wait longer for its turn. */
  readonly waitMs: number;
  /** OVERLOADED beyond so many pictures, whatever was measured. */
  readonly pendingPictures: number;
  /** A request is given up after it, headers to answer, unless the client asks for less. */
  readonly requestMs: number;
  /** From the first byte of a request to the last of its headers. */
  readonly headersMs: number;
  /** From the first byte of a request to the last of its body. */
  readonly bodyMs: number;
  /** A connection without a request is closed. */
  readonly keepAliveMs: number;
  /** All headers of a request. */
  readonly headerBytes: number;
  readonly connections: number;
  /** Pictures fetched from addresses and buckets at the same time, all requests together. */
  readonly fetches: number;
  /** For one of them. */
  readonly fetchMs: number;
  /** By one key, or one address where there are none. */
  readonly requestsPerMinute: number;
}

const mebibyte = 1 << 20;

export const defaultLimits: ApiLimits = {
  bodyBytes: 64 * mebibyte,
  pictureBytes: 32 * mebibyte,
  pictures: 64,
  explainedPictures: 8,
  explainedLabels: 10,
  heldBytes: 256 * mebibyte,
  waitMs: 2_000,
  pendingPictures: 2_048,
  requestMs: 60_000,
  headersMs: 10_000,
  bodyMs: 60_000,
  keepAliveMs: 65_000,
  headerBytes: 16_384,
  connections: 4_096,
  fetches: 16,
  fetchMs: 15_000,
  requestsPerMinute: 60_000,
};
