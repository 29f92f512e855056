import { RookeryError } from '@rookery/contracts';
import { type DatatypeForms, datatypes } from '../tensors/datatypes.ts';
import type { InferenceRequest, InferenceResult, InputTensor, OutputTensor } from '../tensors/tensor.ts';
import type { ModelInferRequest, ModelInferResponse } from './messages/infer.ts';
import { bytes } from './protobuf/kinds.ts';
import { readContents, writeContents } from './tensor-contents.ts';

/** A request for inference from its message. @throws {RookeryError} REQUEST_INVALID */
export function inferenceRequest(message: ModelInferRequest): InferenceRequest {
  const { id, parameters, inputs, outputs, raw_input_contents: raw } = message;
  if (raw.length > 0 && raw.length !== inputs.length)
    throw new RookeryError('REQUEST_INVALID', {
      detail: `${raw.length} raw_input_contents for ${inputs.length} inputs: either all are raw or none`,
    });
  return { id, parameters, outputs, inputs: inputs.map((input, at) => tensorOf(input, raw[at])) };
}

function tensorOf(input: ModelInferRequest['inputs'][number], raw: Uint8Array | undefined): InputTensor {
  const { name, datatype, shape, parameters, contents } = input;
  if (raw && contents.byteLength > 0)
    throw new RookeryError('REQUEST_INVALID', { detail: `input '${name}' has both contents and raw_input_contents` });
  return {
    name,
    datatype,
    shape,
    parameters,
    values: (type, count) => (raw ? datatypes[type].fromRaw(raw, count) : readContents(contents, type, count)),
  };
}

/** The answer in the form in which the request came: raw, unless its inputs were typed contents. */
export function inferResponse(
  result: InferenceResult,
  { raw_input_contents, inputs }: ModelInferRequest,
): ModelInferResponse {
  const typed = raw_input_contents.length === 0 && inputs.some(({ contents }) => contents.byteLength > 0);
  return {
    model_name: result.modelName,
    model_version: result.modelVersion,
    id: result.id,
    parameters: {},
    outputs: result.outputs.map((tensor) => {
      const { name, datatype, shape } = tensor;
      return { name, datatype, shape, parameters: {}, contents: typed ? writeContents(tensor) : bytes.empty };
    }),
    raw_output_contents: typed ? [] : result.outputs.map(rawOf),
  };
}

const rawOf = (tensor: OutputTensor): Uint8Array =>
  (datatypes[tensor.datatype] as DatatypeForms<OutputTensor['values']>).toRaw(tensor.values);
