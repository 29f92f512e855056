import { bytes, int64, nested, string } from '../protobuf/kinds.ts';
import { type Codec, many, message, one } from '../protobuf/message.ts';
import { parameters } from './parameters.ts';

/** What `message` makes of its fields. */
export type Of<C> = C extends Codec<infer T> ? T : never;

const mostTensors = 16;

const InferInputTensor = message({
  name: one(1, string),
  datatype: one(2, string),
  shape: many(3, int64, 8),
  parameters: parameters(4),
  /** `InferTensorContents`, left as it is: it is read according to the datatype. */
  contents: one(5, bytes),
});

const InferRequestedOutputTensor = message({ name: one(1, string), parameters: parameters(2) });

export const ModelInferRequest = message({
  model_name: one(1, string),
  model_version: one(2, string),
  id: one(3, string),
  parameters: parameters(4),
  inputs: many(5, nested(InferInputTensor), mostTensors),
  outputs: many(6, nested(InferRequestedOutputTensor), mostTensors),
  raw_input_contents: many(7, bytes, mostTensors),
});
export type ModelInferRequest = Of<typeof ModelInferRequest>;

const InferOutputTensor = message({
  name: one(1, string),
  datatype: one(2, string),
  shape: many(3, int64, 8),
  parameters: parameters(4),
  contents: one(5, bytes),
});

export const ModelInferResponse = message({
  model_name: one(1, string),
  model_version: one(2, string),
  id: one(3, string),
  parameters: parameters(4),
  outputs: many(5, nested(InferOutputTensor), mostTensors),
  raw_output_contents: many(6, bytes, mostTensors),
});
export type ModelInferResponse = Of<typeof ModelInferResponse>;

export const ModelStreamInferResponse = message({
  error_message: one(1, string),
  infer_response: one(2, nested(ModelInferResponse)),
});
export type ModelStreamInferResponse = Of<typeof ModelStreamInferResponse>;
