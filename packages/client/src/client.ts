import { type CallOptions, serviceOf } from './calls.ts';
import { type ClassifyOptions, type ClassifyResponse, classify, type Picture } from './classify.ts';
import type { components } from './generated/openapi.ts';
import { jobsOf } from './jobs.ts';
import type { UploadOptions, UploadOutcome, UploadPicture } from './upload-options.ts';
import { upload } from './uploads.ts';

export type Session = components['schemas']['Session'];
export type ModelInfo = components['schemas']['ModelInfo'];
export type ModelVersionInfo = components['schemas']['ModelVersionInfo'];
export type FleetFigures = components['schemas']['FleetFigures'];

export type Client = ReturnType<typeof createClient>;

/** The service's calls with their types. Every call that fails rejects with a `ServiceError`. */
export function createClient(options: CallOptions = {}) {
  const service = serviceOf(options);
  const { calls, read } = service;
  const keeping = async (session: Promise<Session>): Promise<Session> => {
    const found = await session;
    service.csrfToken = found.csrfToken ?? undefined;
    return found;
  };
  return {
    /** Labels pictures, answered at once. */
    classify: (pictures: Iterable<Picture>, options?: ClassifyOptions): Promise<ClassifyResponse> =>
      classify(service, pictures, options),
    /** For pages: a key is exchanged for a cookie that scripts cannot read. */
    session: {
      /** Who is asking, and whether this service asks for keys. */
      get: () => keeping(read(calls.GET('/v1/session'))),
      open: (key: string) => keeping(read(calls.POST('/v1/session', { body: { key } }))),
      close: async (): Promise<void> => {
        await read(calls.DELETE('/v1/session'));
        service.csrfToken = undefined;
      },
    },
    models: {
      list: async (): Promise<ModelInfo[]> => (await read(calls.GET('/v1/models'))).models,
      /** Warms a version up, so that its first request need not wait. */
      load: (name: string, version?: string) =>
        read(
          calls.POST('/v1/models/{name}/load', {
            params: { path: { name } },
            body: version === undefined ? {} : { version },
          }),
        ),
      /** Moves an alias; with `expect` only from that version (null: only where there is none yet). */
      alias: (name: string, body: components['schemas']['AliasModelRequest']) =>
        read(calls.POST('/v1/models/{name}/alias', { params: { path: { name } }, body })),
    },
    /** Puts pictures straight into the store, for a job. */
    upload: (pictures: readonly UploadPicture[], options?: UploadOptions): Promise<UploadOutcome> =>
      upload(service, pictures, options),
    jobs: jobsOf(service),
    /** What goes on now: workers, queues, the last minutes' figures. */
    fleet: (options: { signal?: AbortSignal } = {}): Promise<FleetFigures> => read(calls.GET('/v1/fleet', options)),
    /** Everything else of the OpenAPI document, typed by it. */
    calls,
  };
}
