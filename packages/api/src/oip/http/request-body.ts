import { RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import { check } from '../../http/check.ts';
import { datatypes } from '../tensors/datatypes.ts';
import type { InferenceRequest, InputTensor } from '../tensors/tensor.ts';
import { checkJsonSize } from './json-size.ts';

const Parameters = z.record(z.string(), z.unknown()).optional();

const RequestedTensor = z.object({
  name: z.string().max(200),
  shape: z.array(z.int().min(0)).max(8),
  datatype: z.string().max(20),
  parameters: Parameters,
  // Not looked through here: it may be large, and is read according to its datatype.
  data: z.custom<readonly unknown[]>(Array.isArray, 'expected a list').optional(),
});
type RequestedTensor = z.infer<typeof RequestedTensor>;

/** The JSON of `POST v2/models/{name}/infer`. What is unknown is ignored. */
const InferRequest = z.object({
  id: z.string().max(1_000).optional(),
  parameters: Parameters,
  inputs: z.array(RequestedTensor).min(1).max(16),
  outputs: z
    .array(z.object({ name: z.string().max(200), parameters: Parameters }))
    .max(16)
    .optional(),
});

/**
 * Reads a request for inference: JSON, and after it the data of the inputs that have `binary_data_size`, one after the other.
 * @param jsonBytes as `Inference-Header-Content-Length` says: where the JSON ends; undefined where there is nothing else.
 * @throws {RookeryError | z.ZodError} REQUEST_INVALID, REQUEST_TOO_LARGE
 */
export function readInferRequest(body: Uint8Array, jsonBytes: number | undefined): InferenceRequest {
  const end = jsonBytes ?? body.byteLength;
  if (end > body.byteLength)
    throw invalid(`Inference-Header-Content-Length is ${end}, the body has ${body.byteLength} bytes`);
  const json = body.subarray(0, end);
  checkJsonSize(json);
  const request = check(InferRequest, parseJson(json), 'request');
  const { id = '', parameters = {}, outputs = [] } = request;
  const inputs = inputsOf(request.inputs, body.subarray(end));
  return {
    id,
    parameters,
    inputs,
    outputs: outputs.map((output) => ({ name: output.name, parameters: output.parameters ?? {} })),
  };
}

function inputsOf(requested: readonly RequestedTensor[], binary: Uint8Array): InputTensor[] {
  let at = 0;
  const inputs = requested.map((tensor): InputTensor => {
    const size = tensor.parameters?.binary_data_size;
    if (size === undefined) return jsonTensor(tensor);
    if (tensor.data) throw invalid(`input '${tensor.name}' has both data and binary_data_size`);
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0)
      throw invalid(`input '${tensor.name}': binary_data_size is a whole number of bytes`);
    if (size > binary.byteLength - at)
      throw invalid(`input '${tensor.name}' has ${size} bytes, ${binary.byteLength - at} are left in the body`);
    const bytes = binary.subarray(at, at + size);
    at += size;
    return { ...described(tensor), values: (datatype, count) => datatypes[datatype].fromRaw(bytes, count) };
  });
  if (at < binary.byteLength) throw invalid(`${binary.byteLength - at} bytes of the body belong to no input`);
  return inputs;
}

function jsonTensor(tensor: RequestedTensor): InputTensor {
  const { name, data, shape } = tensor;
  return {
    ...described(tensor),
    values(datatype, count) {
      if (!data) throw invalid(`input '${name}' has neither data nor binary_data_size`);
      return datatypes[datatype].fromJson(data, count, shape.length);
    },
  };
}

const described = ({ name, datatype, shape, parameters = {} }: RequestedTensor): Omit<InputTensor, 'values'> => ({
  name,
  datatype,
  shape,
  parameters,
});

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(`failed to parse the request JSON: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

const invalid = (detail: string, cause?: unknown): RookeryError =>
  new RookeryError('REQUEST_INVALID', { detail, cause });
