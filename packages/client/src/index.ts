export type { CallOptions } from './calls.ts';
export type { ClassifiedImage, ClassifyOptions, ClassifyResponse, Explanation, Picture } from './classify.ts';
export {
  type Client,
  createClient,
  type FleetFigures,
  type ModelInfo,
  type ModelVersionInfo,
  type Session,
} from './client.ts';
export type { JobView } from './job-view.ts';
export type { JobLines, JobRequest, LinesQuery, ResultLine, ResultsQuery } from './jobs.ts';
export { type Problem, ServiceError } from './service-error.ts';
export type { UploadOptions, UploadOutcome, UploadPicture, UploadProgress } from './upload-options.ts';
