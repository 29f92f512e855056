import type { ServiceError } from './service-error.ts';

/** A picture and the name that it gets within the upload: a file name or a relative path, unique. */
export interface UploadPicture {
  readonly name: string;
  readonly blob: Blob;
}

/** How far an upload is. */
export interface UploadProgress {
  readonly pictures: { readonly done: number; readonly failed: number; readonly total: number };
  readonly bytes: { readonly sent: number; readonly total: number };
}

export interface UploadOptions {
  /** Goes on with this upload: what has arrived is not sent again. */
  readonly upload?: string | undefined;
  /** Told the upload's id as soon as there is one: with it an upload that was cut is gone on with. */
  readonly onUpload?: ((upload: string) => void) | undefined;
  /** Pictures on their way at the same time. @default 6 */
  readonly concurrency?: number | undefined;
  /** How often one picture is tried. @default 4 */
  readonly attempts?: number | undefined;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadOutcome {
  readonly upload: string;
  readonly failed: readonly { readonly name: string; readonly error: ServiceError }[];
}
