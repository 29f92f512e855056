import { bool, int64, nested, string, uint64 } from '../protobuf/kinds.ts';
import { many, message, one } from '../protobuf/message.ts';
import { parameters } from './parameters.ts';

const most = 100_000;

/** Of everything that asks for nothing in particular. */
export const Empty = message({});
export const ServerLiveResponse = message({ live: one(1, bool) });
export const ServerReadyResponse = message({ ready: one(1, bool) });
export const ServerMetadataResponse = message({
  name: one(1, string),
  version: one(2, string),
  extensions: many(3, string, most),
});

/** `ModelReadyRequest`, `ModelMetadataRequest`, `ModelConfigRequest`, `ModelStatisticsRequest`. */
export const NamedModelRequest = message({ name: one(1, string), version: one(2, string) });
export const ModelReadyResponse = message({ ready: one(1, bool) });

const TensorMetadata = message({ name: one(1, string), datatype: one(2, string), shape: many(3, int64, 8) });
export const ModelMetadataResponse = message({
  name: one(1, string),
  versions: many(2, string, most),
  platform: one(3, string),
  inputs: many(4, nested(TensorMetadata), most),
  outputs: many(5, nested(TensorMetadata), most),
});

const StatisticDuration = message({ count: one(1, uint64), ns: one(2, uint64) });
const InferStatistics = message({
  success: one(1, nested(StatisticDuration)),
  fail: one(2, nested(StatisticDuration)),
  queue: one(3, nested(StatisticDuration)),
  compute_input: one(4, nested(StatisticDuration)),
  compute_infer: one(5, nested(StatisticDuration)),
  compute_output: one(6, nested(StatisticDuration)),
});
const ModelStatistics = message({
  name: one(1, string),
  version: one(2, string),
  last_inference: one(3, uint64),
  inference_count: one(4, uint64),
  execution_count: one(5, uint64),
  inference_stats: one(6, nested(InferStatistics)),
});
export const ModelStatisticsResponse = message({ model_stats: many(1, nested(ModelStatistics), most) });

export const RepositoryIndexRequest = message({ repository_name: one(1, string), ready: one(2, bool) });
const ModelIndex = message({
  name: one(1, string),
  version: one(2, string),
  state: one(3, string),
  reason: one(4, string),
});
export const RepositoryIndexResponse = message({ models: many(1, nested(ModelIndex), most) });

/** `RepositoryModelLoadRequest`, `RepositoryModelUnloadRequest`. */
export const RepositoryModelRequest = message({
  repository_name: one(1, string),
  model_name: one(2, string),
  parameters: parameters(3),
});

/** grpc.health.v1. `service` is empty where the server as a whole is meant. */
export const HealthCheckRequest = message({ service: one(1, string) });
export const HealthCheckResponse = message({ status: one(1, uint64) });
