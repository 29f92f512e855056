export { type Api, type ListenOptions, startApi } from './app.ts';
export { type CreateKeyOptions, createKey, type KeyRecord, readKeys, revokeKey } from './auth/key-file.ts';
export type { KeyStore, StoredKey } from './auth/key-store.ts';
export { type KeyFileStore, openKeyFile } from './auth/open-key-file.ts';
export type { ApiLimits } from './limits.ts';
export type { ApiOptions, AuthOptions, JobsParts } from './options.ts';
export { isLoopbackHost } from './plugins/origin-guard.ts';
export { ModelHost, type ModelHostOptions } from './serving/model-host.ts';
export { type ModelSource, modelSource } from './serving/model-source.ts';
