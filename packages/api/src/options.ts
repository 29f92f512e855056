import type { Registry } from '@rookery/models';
import type { Buckets } from '@rookery/storage';
import type { Logger, Metrics, Tracer } from '@rookery/telemetry';
import type { KeyStore } from './auth/key-store.ts';
import type { JobsParts } from './jobs/jobs-parts.ts';
import type { ApiLimits } from './limits.ts';
import type { GrpcOptions } from './oip/grpc-options.ts';
import type { ModelHost } from './serving/model-host.ts';

/** Everything the service is made of. Nothing here is read from the environment; what has a life stays its owner's. */
export interface ApiOptions {
  readonly version: string;
  readonly models: ModelHost;
  readonly registry: Registry;
  /** Labels a picture where a request does not say. @default 3 */
  readonly top?: number | undefined;
  readonly auth: AuthOptions;
  readonly limits?: Partial<ApiLimits> | undefined;
  /** Buckets that `s3` sources may name. */
  readonly buckets?: Pick<Buckets, 'open'> | undefined;
  /** Also addresses without encryption. */
  readonly allowHttp?: boolean | undefined;
  /** The folder below which the original's `source` may name files. Without it no path is read. */
  readonly localRoot?: string | undefined;
  /** A font that captions of annotated pictures are written in. Without it the original's call answers labels only. */
  readonly captionFont?: string | undefined;
  /** Origins that pages may call from, such as `https://photos.example`. None by default. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Believe `X-Forwarded-*` of these addresses, or of whoever connects. */
  readonly trustProxy?: boolean | readonly string[] | undefined;
  /** Origins that the page may send pictures to: those of presigned addresses. */
  readonly uploadOrigins?: readonly string[] | undefined;
  /** A folder of files that are the page. */
  readonly pageFolder?: string | undefined;
  /** Jobs, where there is a store. */
  readonly jobs?: JobsParts | undefined;
  /** Also answers the Open Inference Protocol over gRPC, there. */
  readonly grpc?: GrpcOptions | undefined;
  readonly metrics?: Metrics | undefined;
  /** Traces of requests that ask for work, and of the jobs that they make. Off where nothing is said; it stays the caller's. */
  readonly tracer?: Tracer | undefined;
  readonly log?: Logger | undefined;
}

export type AuthOptions =
  /** Everybody may do everything: only for a service that is bound to loopback. Requests under other host names are refused. */
  | { readonly kind: 'off' }
  | {
      readonly kind: 'keys';
      readonly keys: KeyStore;
      /** Signs the sessions of pages; the same on every instance behind one address. Random where nothing is said. */
      readonly sessionSecret?: string | undefined;
    };
