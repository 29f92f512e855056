export * from './buckets.ts';
export { type FetchedPicture, type FetchPictureOptions, fetchPicture } from './fetch/fetch-picture.ts';
export type { AllowPrivate } from './fetch/guarded-lookup.ts';
export {
  checkPostAddress,
  type GuardedPostOptions,
  guardedPost,
  type PostAnswer,
} from './fetch/guarded-post.ts';
export { FsStore, type FsStoreOptions } from './fs/fs-store.ts';
export * from './object-store.ts';
export { type OpenStoreOptions, openStore } from './open-store.ts';
export * from './parse-location.ts';
export { S3Connection } from './s3/s3-connection.ts';
export type { S3Options } from './s3/s3-options.ts';
export { S3Store } from './s3/s3-store.ts';
export type { StoreLog } from './store-log.ts';
export { compareUtf8 } from './utf8-order.ts';
