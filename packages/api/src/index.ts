export { type Api, type ListenOptions, startApi } from './app.ts';
export type { ApiLimits } from './limits.ts';
export type { ApiOptions, AuthOptions, JobsParts } from './options.ts';
export { ModelHost, type ModelHostOptions } from './serving/model-host.ts';
export { type ModelSource, modelSource } from './serving/model-source.ts';
