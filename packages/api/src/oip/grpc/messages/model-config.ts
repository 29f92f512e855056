import type { ModelConfig } from '../../model/model-metadata.ts';
import { datatypes } from '../../tensors/datatypes.ts';
import { bool, int64, nested, string, uint64 } from '../protobuf/kinds.ts';
import { many, message, one } from '../protobuf/message.ts';
import type { Of } from './infer.ts';

/** Of Triton's `model_config.proto` what there is something to say about. */
const ModelInput = message({
  name: one(1, string),
  data_type: one(2, uint64),
  /** 0: none, 1: NHWC. */
  format: one(3, uint64),
  dims: many(4, int64, 8),
  optional: one(8, bool),
});
const ModelOutput = message({ name: one(1, string), data_type: one(2, uint64), dims: many(3, int64, 8) });
const Latest = message({ num_versions: one(1, uint64) });
const VersionPolicy = message({ latest: one(1, nested(Latest)) });
/** There, and all of it by default: requests are gathered into batches. */
const DynamicBatching = message({});

const Config = message({
  name: one(1, string),
  platform: one(2, string),
  version_policy: one(3, nested(VersionPolicy)),
  max_batch_size: one(4, int64),
  input: many(5, nested(ModelInput), 16),
  output: many(6, nested(ModelOutput), 16),
  dynamic_batching: one(11, nested(DynamicBatching)),
  backend: one(17, string),
});

export const ModelConfigResponse = message({ config: one(1, nested(Config)) });

/** The same as `modelConfigJson`. */
export function modelConfigMessage(config: ModelConfig): Of<typeof ModelConfigResponse> {
  const { name, platform, backend, maxBatchSize, inputs, outputs } = config;
  return {
    config: {
      name,
      platform,
      backend,
      version_policy: { latest: { num_versions: 1 } },
      max_batch_size: maxBatchSize,
      input: inputs.map(({ layout, datatype, ...input }) => ({
        ...input,
        data_type: datatypes[datatype].config.number,
        format: layout === 'nhwc' ? 1 : 0,
        optional: true,
      })),
      output: outputs.map(({ datatype, ...output }) => ({ ...output, data_type: datatypes[datatype].config.number })),
      dynamic_batching: {},
    },
  };
}
