import { type DatatypeForms, datatypes } from '../tensors/datatypes.ts';
import type { InferenceRequest, InferenceResult, OutputTensor } from '../tensors/tensor.ts';

/** An answer over HTTP. */
export interface InferResponse {
  readonly body: Buffer;
  /** Bytes of JSON before binary data; undefined where there are none: then all of it is JSON. */
  readonly jsonBytes: number | undefined;
}

/** Writes an answer: outputs as JSON, or as binary data after it where the request asks for that. */
export function writeInferResponse(result: InferenceResult, request: InferenceRequest): InferResponse {
  const binary: Uint8Array[] = [];
  const outputs = result.outputs.map((tensor) => {
    const { name, datatype, shape } = tensor;
    if (!isBinary(name, request)) return { name, datatype, shape, data: formsOf(tensor).toJson(tensor.values) };
    const bytes = formsOf(tensor).toRaw(tensor.values);
    binary.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.byteLength } };
  });
  const json = Buffer.from(
    JSON.stringify({
      model_name: result.modelName,
      model_version: result.modelVersion,
      ...(result.id !== '' && { id: result.id }),
      outputs,
    }),
  );
  if (binary.length === 0) return { body: json, jsonBytes: undefined };
  return { body: Buffer.concat([json, ...binary]), jsonBytes: json.byteLength };
}

/** `binary_data` of the output, else `binary_data_output` of the request. */
function isBinary(name: string, { outputs, parameters }: InferenceRequest): boolean {
  const own = outputs.find((output) => output.name === name)?.parameters.binary_data;
  return (own ?? parameters.binary_data_output) === true;
}

/** The forms that fit a tensor's values, which the union of all tensors cannot tell by itself. */
const formsOf = (tensor: OutputTensor) => datatypes[tensor.datatype] as DatatypeForms<OutputTensor['values']>;
