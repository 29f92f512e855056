import type { Scope } from '@rookery/contracts';
import { ModelInferRequest, ModelInferResponse, ModelStreamInferResponse } from './messages/infer.ts';
import { ModelConfigResponse } from './messages/model-config.ts';
import {
  Empty,
  HealthCheckRequest,
  HealthCheckResponse,
  ModelMetadataResponse,
  ModelReadyResponse,
  ModelStatisticsResponse,
  NamedModelRequest,
  RepositoryIndexRequest,
  RepositoryIndexResponse,
  RepositoryModelRequest,
  ServerLiveResponse,
  ServerMetadataResponse,
  ServerReadyResponse,
} from './messages/server.ts';
import { method } from './method.ts';

/** What health checks call it. */
export const inferenceName = 'inference.GRPCInferenceService';
const path = (name: string): string => `/${inferenceName}/${name}`;

/** `inference.GRPCInferenceService` of the Open Inference Protocol, with what Triton added to it. */
export const inferenceMethods = {
  ServerLive: method(path('ServerLive'), Empty, ServerLiveResponse),
  ServerReady: method(path('ServerReady'), Empty, ServerReadyResponse),
  ServerMetadata: method(path('ServerMetadata'), Empty, ServerMetadataResponse),
  ModelReady: method(path('ModelReady'), NamedModelRequest, ModelReadyResponse),
  ModelMetadata: method(path('ModelMetadata'), NamedModelRequest, ModelMetadataResponse),
  ModelConfig: method(path('ModelConfig'), NamedModelRequest, ModelConfigResponse),
  ModelStatistics: method(path('ModelStatistics'), NamedModelRequest, ModelStatisticsResponse),
  ModelInfer: method(path('ModelInfer'), ModelInferRequest, ModelInferResponse),
  ModelStreamInfer: method(path('ModelStreamInfer'), ModelInferRequest, ModelStreamInferResponse, {
    request: true,
    response: true,
  }),
  RepositoryIndex: method(path('RepositoryIndex'), RepositoryIndexRequest, RepositoryIndexResponse),
  RepositoryModelLoad: method(path('RepositoryModelLoad'), RepositoryModelRequest, Empty),
  RepositoryModelUnload: method(path('RepositoryModelUnload'), RepositoryModelRequest, Empty),
};

/** `grpc.health.v1.Health`. */
export const healthMethods = {
  Check: method('/grpc.health.v1.Health/Check', HealthCheckRequest, HealthCheckResponse),
  Watch: method('/grpc.health.v1.Health/Watch', HealthCheckRequest, HealthCheckResponse, {
    request: false,
    response: true,
  }),
};

/** What a caller's key must allow, by the path of a method. */
export const scopes: Readonly<Record<string, Scope>> = {
  [path('ModelReady')]: 'classify',
  [path('ModelMetadata')]: 'classify',
  [path('ModelConfig')]: 'classify',
  [path('ModelStatistics')]: 'classify',
  [path('ModelInfer')]: 'classify',
  [path('ModelStreamInfer')]: 'classify',
  [path('RepositoryIndex')]: 'classify',
  [path('RepositoryModelLoad')]: 'models',
  [path('RepositoryModelUnload')]: 'models',
};
