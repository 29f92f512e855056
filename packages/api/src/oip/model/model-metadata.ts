import type { ResolvedModel } from '../../serving/model-source.ts';
import { outputNames } from '../inference/outputs.ts';
import { type Datatype, datatypes } from '../tensors/datatypes.ts';

interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1: any. The first is the number of pictures. */
  readonly shape: readonly number[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

const platform = 'onnxruntime_onnx';

/** A model as its clients see it. Exactly one of the two inputs is to be sent. */
export function modelMetadata({ name, version, signature }: ResolvedModel): ModelMetadata {
  const { width, height, input, classes } = signature;
  const shapes = { probabilities: [-1, classes], labels: [-1, -1], scores: [-1, -1], indices: [-1, -1] };
  return {
    name,
    versions: [version],
    platform,
    inputs: [
      { name: 'images', datatype: 'BYTES', shape: [-1, 1] },
      // Either is taken; this one is what the model computes with.
      { name: 'pixels', datatype: input === 'uint8' ? 'UINT8' : 'FP32', shape: [-1, height, width, 3] },
    ],
    outputs: outputNames.map((output) => ({
      name: output,
      datatype: outputDatatypes[output],
      shape: shapes[output],
    })),
  };
}

const outputDatatypes = { probabilities: 'FP32', labels: 'BYTES', scores: 'FP32', indices: 'INT32' } as const;

interface TensorConfig {
  readonly name: string;
  readonly datatype: Datatype;
  /** Without the number of pictures. */
  readonly dims: readonly number[];
}

/** What the model configuration of Triton says of a model, as far as there is something to say. */
export interface ModelConfig {
  readonly name: string;
  readonly platform: string;
  readonly backend: string;
  readonly maxBatchSize: number;
  readonly inputs: readonly (TensorConfig & { readonly layout: 'none' | 'nhwc' })[];
  readonly outputs: readonly TensorConfig[];
}

export function modelConfig(model: ResolvedModel, maxBatchSize: number): ModelConfig {
  const { inputs, outputs } = modelMetadata(model);
  const unbatched = ({ shape, ...tensor }: TensorMetadata): TensorConfig => ({ ...tensor, dims: shape.slice(1) });
  return {
    name: model.name,
    platform,
    backend: 'onnxruntime',
    maxBatchSize,
    inputs: inputs.map((input) => ({ ...unbatched(input), layout: input.name === 'pixels' ? 'nhwc' : 'none' })),
    outputs: outputs.map(unbatched),
  };
}

/** The same as JSON. */
export function modelConfigJson({ name, platform: on, backend, maxBatchSize, inputs, outputs }: ModelConfig): object {
  return {
    name,
    platform: on,
    backend,
    version_policy: { latest: { num_versions: 1 } },
    max_batch_size: maxBatchSize,
    input: inputs.map(({ layout, ...tensor }) => ({
      ...tensorJson(tensor),
      format: layout === 'nhwc' ? 'FORMAT_NHWC' : 'FORMAT_NONE',
      optional: true,
    })),
    output: outputs.map(tensorJson),
    dynamic_batching: {},
  };
}

const tensorJson = ({ name, datatype, dims }: TensorConfig): object => ({
  name,
  data_type: datatypes[datatype].config.name,
  dims,
});
